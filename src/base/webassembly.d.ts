/** The part of WebAssembly that is used here; Node's types leave it to those of the browser. */
declare namespace WebAssembly {
  class Memory {
    constructor(limits: { readonly initial: number })
    readonly buffer: ArrayBuffer
    grow(pages: number): number
  }
  class Module {
    constructor(octets: Uint8Array)
  }
  class Instance {
    constructor(
      module: Module,
      imports: Record<string, Record<string, Memory | ((...values: number[]) => number)>>,
    )
    readonly exports: Record<string, unknown>
  }
}
