/** Lifetimes of LSPs. */
export function scanLsps(): void {}

export function fireLsp(handle: u32): void {}
