/** The build that nodes and control planes report. */
export const build = '0.1.0';
