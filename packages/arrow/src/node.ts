/**
 * What all packages need of Node's file system: files that are whole or absent, and file names that tell which process they
 * belong to. It is in this package because run logs and shards, its two users, are written this way, and no package below both
 * may touch files (`@nn/tensor` does no I/O). Apart from the main entry, which runs anywhere.
 */
export { namingFile, writeFileAtomically, writeFileAtomicallySync } from "./node/atomic-file.ts";
export { makeFolder, makeFolderSync } from "./node/make-folder.ts";
export { formatOwner, isAlive, newOwner, type Owner, ownPlace, parseOwner } from "./node/owner.ts";
export { parseTemporaryName, removeLeftovers, removeLeftoversSync, temporaryName } from "./node/temporary.ts";
