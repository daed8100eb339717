/** Says in one sentence why the node cannot start, and ends the process. */
export function startFailed(error: unknown, port: number): never {
  const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  const addressTaken = error instanceof Error && error.name === 'AddrInUse';
  const text = taken || addressTaken
    ? `Port ${port} is taken by another program. Stop it, or choose another port with FAIRLEAD_NODE_PORT.`
    : error instanceof Error ? error.message : String(error);
  process.stderr.write(`${text}\n`);
  process.exit(1);
}
