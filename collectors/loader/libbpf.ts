/** The system's libbpf, called directly: open, configure and load an object; maps, links, test runs. No addon, no compiler. */
import koffi, { type LibraryHandle } from 'koffi';

/** An error of libbpf or the kernel: `code` is the errno's name. */
export class BpfError extends Error {
  readonly code: string;
  constructor(message: string, errno: number, options?: ErrorOptions) {
    const code = codeName(errno);
    super(`${message}: ${code}`, options);
    this.code = code;
  }
}

/** Pointers to what libbpf owns. */
export type BpfObject = { readonly __object: unique symbol };
export type BpfMap = { readonly __map: unique symbol };

const NAMES = ['libbpf.so.1', 'libbpf.so'];

/** The functions that are used, as libbpf 1.0 and later declare them. */
function bind(library: LibraryHandle) {
  return {
    openFile: library.func('void *bpf_object__open_file(const char *path, const void *opts)'),
    load: library.func('int bpf_object__load(void *object)'),
    close: library.func('void bpf_object__close(void *object)'),
    findMap: library.func('void *bpf_object__find_map_by_name(void *object, const char *name)'),
    findProgram: library.func('void *bpf_object__find_program_by_name(void *object, const char *name)'),
    programFd: library.func('int bpf_program__fd(void *program)'),
    setLog: library.func('int bpf_program__set_log_buf(void *program, void *buffer, size_t size)'),
    mapFd: library.func('int bpf_map__fd(void *map)'),
    setMaxEntries: library.func('int bpf_map__set_max_entries(void *map, uint32_t entries)'),
    setInitialValue: library.func('int bpf_map__set_initial_value(void *map, const void *data, size_t size)'),
    reuseFd: library.func('int bpf_map__reuse_fd(void *map, int fd)'),
    lookup: library.func('int bpf_map_lookup_elem(int fd, const void *key, void *value)'),
    update: library.func('int bpf_map_update_elem(int fd, const void *key, const void *value, uint64_t flags)'),
    lookupBatch: library.func('int bpf_map_lookup_batch(int fd, void *in, void *out, void *keys, void *values, uint32_t *count, const void *opts)'),
    possibleCpus: library.func('int libbpf_num_possible_cpus()'),
    testRun: library.func('int bpf_prog_test_run_opts(int fd, void *opts)'),
    linkCreate: library.func('int bpf_link_create(int program, int target, int type, const void *opts)'),
    linkUpdate: library.func('int bpf_link_update(int link, int program, const void *opts)'),
    objectPin: library.func('int bpf_obj_pin(int fd, const char *path)'),
    objectGet: library.func('int bpf_obj_get(const char *path)'),
    tcHookCreate: library.func('int bpf_tc_hook_create(void *hook)'),
    tcAttach: library.func('int bpf_tc_attach(const void *hook, void *opts)'),
    tcDetach: library.func('int bpf_tc_detach(const void *hook, const void *opts)'),
    setPrint: library.func('void *libbpf_set_print(void *print)'),
  };
}
export type Libbpf = ReturnType<typeof bind>;

let bound: Libbpf | undefined;

/** libbpf, silent. Throws with what to install where it is not there. */
export function libbpf(): Libbpf {
  if (bound !== undefined) return bound;
  const library = open();
  bound = bind(library);
  bound.setPrint(null);
  return bound;
}

function open(): LibraryHandle {
  let cause: unknown;
  for (const name of NAMES) {
    try {
      return koffi.load(name);
    } catch (error) {
      cause = error;
    }
  }
  throw new Error('libbpf cannot be loaded. On Debian or Ubuntu: sudo apt-get install libbpf1', { cause });
}

/** Name of the last errno of a call, as koffi keeps it. */
export function lastErrno(): number {
  return koffi.errno();
}

function codeName(errno: number): string {
  const entry = Object.entries(koffi.os.errno).find(([, value]) => value === errno);
  return entry?.[0] ?? `errno ${errno}`;
}

/** The result of a call that gives a negative errno, or -1 with errno, on failure. */
export function checked(what: string, result: number): number {
  if (result < 0) throw new BpfError(what, result === -1 ? lastErrno() : -result);
  return result;
}
