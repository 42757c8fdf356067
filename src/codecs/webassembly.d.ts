/** The part of WebAssembly that is used here; Node's types leave it to those of the browser. */
declare namespace WebAssembly {
  interface Memory {
    readonly buffer: ArrayBuffer
  }
  class Module {
    constructor(octets: Uint8Array)
  }
  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, () => number>>)
    readonly exports: Record<string, unknown>
  }
}
