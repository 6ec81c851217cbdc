/**
 * The program that holds the namespaces of a pod: it lets the kernel bury the orphans that become its
 * children, and waits for ever. So no pod needs an image of somebody else.
 *
 * Source: ELF-64 Object File Format; the kernel's tables of system calls.
 */
export function pauseProgram(architecture: string): Uint8Array | undefined {
  const program = programs[architecture];
  return program && elfFile(program);
}

interface Program {
  /** Source: ELF, e_machine. */
  readonly machine: number;
  /** Ends with the action of a signal: the handler SIG_IGN, then 24 bytes that are zero. */
  readonly code: readonly number[];
}

/** Of SIGCHLD's action, `struct sigaction` of the kernel. */
const ignored = [1, ...Array.from({ length: 31 }, () => 0)];

const programs: Readonly<Record<string, Program>> = {
  amd64: {
    machine: 62,
    code: [
      ...hex([
        'b8 0d 00 00 00', // mov eax, rt_sigaction
        'bf 11 00 00 00', // mov edi, SIGCHLD
        '48 8d 35 13 00 00 00', // lea rsi, [rip + action]
        '31 d2', // xor edx, edx
        '41 ba 08 00 00 00', // mov r10d, 8
        '0f 05', // syscall
        'b8 22 00 00 00', // again: mov eax, pause
        '0f 05', // syscall
        'eb f7', // jmp again
      ]),
      ...ignored,
    ],
  },
  arm64: {
    machine: 183,
    code: [
      ...words([
        0xd28010c8, // movz x8, rt_sigaction
        0xd2800220, // movz x0, SIGCHLD
        0x10000181, // adr x1, action
        0xd2800002, // movz x2, 0
        0xd2800103, // movz x3, 8
        0xd4000001, // svc 0
        0xd2800928, // again: movz x8, ppoll
        0xd2800000, // movz x0, 0
        0xd2800001, // movz x1, 0
        0xd2800002, // movz x2, 0
        0xd2800003, // movz x3, 0
        0xd2800004, // movz x4, 0
        0xd4000001, // svc 0
        0x17fffff9, // b again
      ]),
      ...ignored,
    ],
  },
};

function hex(instructions: readonly string[]): readonly number[] {
  return instructions.flatMap((bytes) => bytes.split(' ').map((byte) => Number.parseInt(byte, 16)));
}

function words(values: readonly number[]): readonly number[] {
  return values.flatMap((value) => [value, value >>> 8, value >>> 16, value >>> 24]);
}

const elfHeaderBytes = 64;
const programHeaderBytes = 56;
const loadAddress = 0x40_0000n;

/** One segment that is read and run, loaded from the beginning of the file. */
function elfFile({ machine, code }: Program): Uint8Array {
  const codeStart = elfHeaderBytes + programHeaderBytes;
  const bytes = new Uint8Array(codeStart + code.length);
  const view = new DataView(bytes.buffer);
  const half = (at: number, value: number): void => view.setUint16(at, value, true);
  const word = (at: number, value: number): void => view.setUint32(at, value, true);
  const address = (at: number, value: bigint): void => view.setBigUint64(at, value, true);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]); // 64 bits, little-endian
  half(16, 2); // an executable
  half(18, machine);
  word(20, 1);
  address(24, loadAddress + BigInt(codeStart)); // where it begins
  address(32, BigInt(elfHeaderBytes)); // the program header
  half(52, elfHeaderBytes);
  half(54, programHeaderBytes);
  half(56, 1);
  word(64, 1); // PT_LOAD
  word(68, 5); // read, run
  address(80, loadAddress);
  address(88, loadAddress);
  address(96, BigInt(bytes.length));
  address(104, BigInt(bytes.length));
  address(112, 0x1000n);
  bytes.set(code, codeStart);
  return bytes;
}
