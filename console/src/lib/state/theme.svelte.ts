/** What a person may choose. */
export type ThemeChoice = 'system' | 'light' | 'dark';

const storedAs = 'fairlead.theme';

/** Light, dark, or as the system says; remembered in this browser. */
class Theme {
  choice = $state<ThemeChoice>(readChoice());

  /** Goes on to the next choice. */
  next(): void {
    const order: readonly ThemeChoice[] = ['system', 'light', 'dark'];
    this.choice = order[(order.indexOf(this.choice) + 1) % order.length] ?? 'system';
    if (this.choice === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = this.choice;
    try {
      localStorage.setItem(storedAs, this.choice);
    } catch {
      // A browser that keeps nothing still shows the theme until it is closed.
    }
  }
}

function readChoice(): ThemeChoice {
  const theme = document.documentElement.dataset.theme;
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}

/** The theme of this browser. */
export const theme = new Theme();
