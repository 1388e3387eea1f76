/** What went wrong with a file, in words that say what to do: system error codes to `NullclineError`. */
import { NullclineError } from "../base/errors.ts";

type Action = "read" | "write";

/**
 * The error to throw where reading or writing `path` failed. Codes: `missing`, `cannot-read`, `cannot-write`,
 * `disk-full`. What is no error of the file system comes back as it is.
 */
export function storageError(error: unknown, path: string, action: Action): unknown {
  const system = (error as { code?: unknown } | undefined)?.code;
  if (error instanceof NullclineError || typeof system !== "string") return error;
  const refused = (given: string, remedy?: string, code = `cannot-${action}`) =>
    new NullclineError({ code, where: path, given, remedy });
  switch (system) {
    case "ENOENT":
      return action === "read"
        ? refused("there is no such file or folder", undefined, "missing")
        : refused("cannot be written: its folder does not exist");
    case "EACCES":
    case "EPERM":
      return refused(`cannot be ${action === "read" ? "read" : "written"}: no permission`);
    case "EROFS":
      return refused("cannot be written: the file system is read-only", "choose another folder");
    case "ENOTDIR":
    case "EEXIST":
      return refused("a file stands where a folder should be", "choose another path");
    case "EISDIR":
      return refused("a folder stands where a file should be", "choose another path");
    case "ENAMETOOLONG":
      return refused("the name is too long");
    case "ENOSPC":
    case "EDQUOT":
      return refused("cannot be written: the disk is full", "free some space and try again", "disk-full");
    case "EFBIG":
      return refused(
        "cannot be written: the limit on the size of a file is reached",
        "raise it (ulimit -f)",
        "disk-full",
      );
    case "ERR_FS_FILE_TOO_LARGE":
      return refused("cannot be read: larger than 2 GiB", "save a part of it");
    default:
      return refused(`cannot be ${action === "read" ? "read" : "written"} (${system})`);
  }
}
