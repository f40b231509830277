/** A secret that the user gives, and the number that says which edition of it this is. */
export interface VersionedInput {
  /** Name of the variable, for messages. */
  readonly name: string;
  readonly value: string;
  readonly version: number;
}
