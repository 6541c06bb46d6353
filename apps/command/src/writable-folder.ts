import { mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { getSystemErrorMessage } from "node:util";
import { makeFolderSync, removeLeftoversSync, temporaryName } from "@nn/arrow/node";

/**
 * Makes `folder` where it is missing, and something in it, before hours of work are done for it.
 * @throws Error with the `code` and `syscall` of the system's error, and a message that names the folder.
 */
export function checkWritableFolder(folder: string, option: string = "--out"): void {
  const probe = join(folder, temporaryName("write-check"));
  try {
    makeFolderSync(folder);
    removeLeftoversSync(folder, "write-check");
    mkdirSync(probe);
    rmdirSync(probe);
  } catch (cause) {
    const { errno, code, syscall, message } = cause as NodeJS.ErrnoException;
    const reason = errno === undefined ? message : `${getSystemErrorMessage(errno)}, ${code}`;
    throw Object.assign(
      new Error(
        `received ${option} ${folder}, which cannot be written (${reason}); expected a folder for the results`,
        {
          cause,
        },
      ),
      { code, syscall },
    );
  }
}
