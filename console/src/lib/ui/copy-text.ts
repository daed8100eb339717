/** Puts text on the clipboard; also over plain HTTP, where browsers offer no clipboard object. */
export async function copyText(text: string): Promise<boolean> {
  try {
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(text);
      return true;
    }
  } catch {
    // Refused: the old way may still work.
  }
  // Inside a dialog that keeps the focus, an element outside of it could not be selected.
  const place = document.querySelector('[role="dialog"], [role="alertdialog"]') ?? document.body;
  const area = document.createElement('textarea');
  area.value = text;
  area.style.cssText = 'position:fixed;opacity:0';
  place.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  return done;
}
