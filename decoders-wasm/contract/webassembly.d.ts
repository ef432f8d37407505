/** The few types of WebAssembly that the host uses; Node's types leave them to the DOM library. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    readonly exports: Record<string, unknown>;
    constructor(module: Module, imports?: Record<string, Record<string, unknown>>);
  }
  interface Memory {
    readonly buffer: ArrayBuffer;
  }
}
