/** The command that makes a run again, for its report. */

/** Flags that say where to and how to tell, not what to compute. */
const aside = new Set(["out", "json", "quiet", "resume", "workers"]);

/** `nullcline NAME WORDS --flag value …`, each quoted for a shell where it must be. */
export function commandLine(name: string, words: readonly string[], flags: object): string {
  const options = Object.entries(flags).flatMap(([flag, value]) => {
    if (aside.has(flag) || value === undefined || value === false) return [];
    const option = `--${flag.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;
    if (value === true) return [option];
    return (Array.isArray(value) ? value : [value]).flatMap((v) => [option, String(v)]);
  });
  return ["nullcline", name, ...words, ...options].map(quoted).join(" ");
}

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replace(/'/g, "'\\''")}'`);
