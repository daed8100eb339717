/** One line of a menu. */
export interface MenuItem { label: string; danger?: boolean; run: () => void }
