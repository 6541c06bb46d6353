// Script `report`: builds dist/index.html from the runs that the benchmark left.
import { runCommand } from "@nn/command";
import { reportCommand } from "./report-command.ts";

await runCommand("report", reportCommand);
