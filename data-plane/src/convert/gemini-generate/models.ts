// Pure. What the generations of this vendor's models take; a name that tells none is of the newest.

/** A generation of models. */
export type Generation = 'before-thinking' | 'budgets' | 'levels';

/** The generation of a model by its name. */
export function generationOf(model: string): Generation {
  if (/gemini-(?:1\.|2\.0)/i.test(model)) return 'before-thinking';
  return /gemini-2\./i.test(model) ? 'budgets' : 'levels';
}

/** Whether a model is of the large kind, which cannot be told not to think. */
export function isPro(model: string): boolean {
  return /pro/i.test(model) && /gemini/i.test(model);
}
