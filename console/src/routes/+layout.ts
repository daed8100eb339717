/** Everything is drawn in the browser: the control plane serves files only. */
export const ssr = false;
