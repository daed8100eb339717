/** How recently a node must have been heard to count as live. */
export const liveWithinMs = 20_000;
