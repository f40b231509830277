/** One thing to say about the values. Errors make the check fail. */
export interface Finding {
  readonly severity: "error" | "warning" | "note";
  /** Whole sentences. Never the value of a secret. */
  readonly message: string;
  /** The variable that it is about. */
  readonly variable?: string;
  /** Where the value is set: a file, as the user would name it, or an environment variable. */
  readonly source?: string;
  readonly line?: number;
}

/** A finding as one line of text. */
export function describe({ severity, source, line, message }: Finding): string {
  const place = source && `${source}${line ? `:${line}` : ""}: `;
  return `${place ?? ""}${severity}: ${message}`;
}
