using System.Runtime.InteropServices;
using System.Text;
using Director.Dataplane.Control;
using static Tmds.Linux.LibC;

namespace Director.Dataplane.Linux.Bpf;

/// <summary>The bpf(2) system call: arrays, programs, links. Whatever it makes is a descriptor, and ends with the last one.</summary>
internal static unsafe class BpfSystem
{
    private const int SystemCall = 321; // x86_64; 280 on arm64
    private const int SystemCallArm64 = 280;

    private const int CreateMap = 0;
    private const int UpdateElement = 2;
    private const int LoadProgram = 5;
    private const int TestRun = 10;
    private const int CreateLink = 28;
    private const int UpdateLink = 29;

    private const uint ArrayMap = 2;
    private const uint ArrayOfMaps = 12;
    private const uint Mappable = 1 << 10; // BPF_F_MMAPABLE
    private const uint SchedClass = 3; // BPF_PROG_TYPE_SCHED_CLS
    private const uint TcxIngress = 46;
    private const int LogSize = 16 << 20;
    private const int NameLength = 16;
    private const int AttributeSize = 144;

    /// <summary>An array of one element that can be mapped, zero at first.</summary>
    /// <exception cref="EngineException">The kernel refused.</exception>
    public static int CreateArray(string name, long size)
    {
        Attribute attribute = default;
        attribute[0] = ArrayMap;
        attribute[1] = sizeof(uint);
        attribute[2] = checked((uint)size);
        attribute[3] = 1;
        attribute[4] = Mappable;
        attribute.Name(28, name);
        return Check(CreateMap, ref attribute, $"a BPF array of {size} bytes");
    }

    /// <summary>An array of arrays of 8 bytes, with one place.</summary>
    /// <exception cref="EngineException">The kernel refused.</exception>
    public static int CreateArrayOfArrays(int inner)
    {
        Attribute attribute = default;
        attribute[0] = ArrayOfMaps;
        attribute[1] = sizeof(uint);
        attribute[2] = sizeof(uint);
        attribute[3] = 1;
        attribute[5] = (uint)inner;
        return Check(CreateMap, ref attribute, "a BPF array of arrays");
    }

    /// <summary>Puts an array into an array of arrays; returns when no program can see the one before.</summary>
    /// <exception cref="EngineException">The kernel refused.</exception>
    public static void Put(int arrays, int inner)
    {
        uint key = 0;
        uint value = (uint)inner;
        Attribute attribute = default;
        attribute[0] = (uint)arrays;
        attribute.Pointer(8, &key);
        attribute.Pointer(16, &value);
        _ = Check(UpdateElement, ref attribute, "a change of a BPF array");
    }

    /// <summary>Loads a program for packets (BPF_PROG_TYPE_SCHED_CLS).</summary>
    /// <exception cref="EngineException">The verifier refused it: all that it said.</exception>
    public static int Load(string name, ReadOnlySpan<Instruction> program)
    {
        int descriptor = TryLoad(name, program, log: null, 0);
        if (descriptor >= 0)
            return descriptor;
        int errno = Marshal.GetLastPInvokeError();
        if (errno == EPERM)
            throw SystemError.Exception("the kernel refuses the fast path's program (CAP_BPF and CAP_PERFMON are needed besides)", errno);
        // Once more, for the words.
        void* log = NativeMemory.AllocZeroed(LogSize);
        try
        {
            descriptor = TryLoad(name, program, log, LogSize);
            if (descriptor >= 0)
                return descriptor;
            string words = Marshal.PtrToStringUTF8((nint)log) ?? "";
            throw SystemError.Exception($"the kernel refuses the program {name} of {program.Length} instructions:\n{words}\n", errno);
        }
        finally
        {
            NativeMemory.Free(log);
        }
    }

    /// <summary>Hangs a program before all others at the interface's ingress (tcx); it is gone when the descriptor is.</summary>
    /// <exception cref="EngineException">The kernel refused, or has no tcx (before Linux 6.6).</exception>
    public static int AttachIngress(int program, int interfaceIndex)
    {
        const uint before = 1 << 3; // BPF_F_BEFORE: without another, before all
        Attribute attribute = default;
        attribute[0] = (uint)program;
        attribute[1] = (uint)interfaceIndex;
        attribute[2] = TcxIngress;
        attribute[3] = before;
        return Check(CreateLink, ref attribute, "a program at the interface (tcx, Linux 6.6)");
    }

    /// <summary>Another program takes the place of the one that hangs there; each frame sees one or the other.</summary>
    /// <exception cref="EngineException">The kernel refused.</exception>
    public static void Replace(int link, int program)
    {
        Attribute attribute = default;
        attribute[0] = (uint)link;
        attribute[1] = (uint)program;
        _ = Check(UpdateLink, ref attribute, "another program at the interface");
    }

    /// <summary>Runs a program on a packet that exists nowhere else (BPF_PROG_TEST_RUN).</summary>
    /// <param name="program">Loaded.</param>
    /// <param name="packet">An Ethernet frame.</param>
    /// <param name="output">Takes the packet as the program left it.</param>
    /// <param name="context">struct __sk_buff, in and out; empty: none.</param>
    /// <param name="length">Of the packet afterwards.</param>
    /// <returns>The program's answer.</returns>
    /// <exception cref="EngineException">The kernel refused.</exception>
    public static uint Run(int program, ReadOnlySpan<byte> packet, Span<byte> output, Span<byte> context, out int length)
    {
        fixed (byte* input = packet)
        fixed (byte* result = output)
        fixed (byte* about = context)
        {
            Attribute attribute = default;
            attribute[0] = (uint)program;
            attribute[2] = (uint)packet.Length;
            attribute[3] = (uint)output.Length;
            attribute.Pointer(16, input);
            attribute.Pointer(24, result);
            attribute[8] = 1;
            attribute[10] = (uint)context.Length;
            attribute[11] = (uint)context.Length;
            attribute.Pointer(48, about);
            attribute.Pointer(56, about);
            _ = Check(TestRun, ref attribute, "a test run of a BPF program");
            length = (int)attribute[3];
            return attribute[1];
        }
    }

    public static void Close(int descriptor) => _ = close(descriptor);

    /// <summary>Looks at the first bytes of an array that can be mapped; the descriptor stays the caller's.</summary>
    /// <exception cref="EngineException">The kernel refused.</exception>
    public static T PeekAt<T>(int array, long size, Func<SharedMemory, T> look)
    {
        using SharedMemory first = SharedMemory.FromDescriptor(SystemError.Check(dup(array), "no descriptor"), size);
        return look(first);
    }

    private static int TryLoad(string name, ReadOnlySpan<Instruction> program, void* log, uint logSize)
    {
        ReadOnlySpan<byte> license = "Dual MIT/GPL\0"u8; // some functions are for such programs only
        fixed (Instruction* instructions = program)
        fixed (byte* terms = license)
        {
            Attribute attribute = default;
            attribute[0] = SchedClass;
            attribute[1] = (uint)program.Length;
            attribute.Pointer(8, instructions);
            attribute.Pointer(16, terms);
            attribute[6] = log == null ? 0u : 1u;
            attribute[7] = logSize;
            attribute.Pointer(32, log);
            attribute.Name(48, name);
            return Invoke(LoadProgram, ref attribute);
        }
    }

    private static int Check(int command, ref Attribute attribute, string what)
    {
        int result = Invoke(command, ref attribute);
        return result >= 0 ? result : throw SystemError.Exception($"the kernel refuses {what}");
    }

    private static int Invoke(int command, ref Attribute attribute)
    {
        fixed (Attribute* pointer = &attribute)
        {
            nint number = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? SystemCallArm64 : SystemCall;
            return (int)Native.Bpf(number, command, pointer, AttributeSize);
        }
    }

    /// <summary>union bpf_attr as words of four bytes; what is not set is 0.</summary>
    [StructLayout(LayoutKind.Sequential, Size = AttributeSize)]
    private struct Attribute
    {
        private fixed uint _words[AttributeSize / sizeof(uint)];

        public uint this[int word]
        {
            readonly get => _words[word];
            set => _words[word] = value;
        }

        /// <summary>At a multiple of eight.</summary>
        public void Pointer(int offset, void* pointer)
        {
            _words[offset / sizeof(uint)] = (uint)(ulong)pointer;
            _words[(offset / sizeof(uint)) + 1] = (uint)((ulong)pointer >> 32);
        }

        /// <summary>Letters, digits, dots and underscores; cut at 15.</summary>
        public void Name(int offset, string name)
        {
            fixed (uint* start = _words)
            {
                Span<byte> field = new((byte*)start + offset, NameLength);
                _ = Encoding.ASCII.GetBytes(name.Replace('-', '_').AsSpan(0, Math.Min(name.Length, NameLength - 1)), field);
            }
        }
    }
}
