/** Why something of a snapshot must not be used: its shape, what points to nothing in it, or a schema from the future. */
export type SnapshotProblem = 'malformed' | 'dangling' | 'too-new';

/** A part of a snapshot that breaks the schema, with the path of the fault. */
export class SnapshotInvalid extends Error {
  readonly path: string;
  readonly code: SnapshotProblem;
  constructor(path: string, problem: string, code: SnapshotProblem = 'malformed') {
    super(`snapshot ${path || '(root)'}: ${problem}`);
    this.path = path;
    this.code = code;
  }
}
