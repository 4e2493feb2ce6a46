using Director.Dataplane.Connections;
using Director.Dataplane.FastPath;
using Director.Dataplane.Linux;
using Director.Dataplane.Linux.Bpf;
using Director.Dataplane.Linux.Bpf.Programs;
using Director.Dataplane.Linux.Ingress;
using Director.Dataplane.Tests.Pipeline;
using static Tmds.Linux.LibC;

namespace Director.Dataplane.Tests.FastPath;

/// <summary>A director on a bench with the fast-path program loaded beside the pipeline, on the same memory.</summary>
internal sealed class FastBench : IDisposable
{
    public const uint Redirected = 7; // TCX_REDIRECT
    public const uint Dropped = 2;
    public const uint Passed = uint.MaxValue;

    private readonly SharedMemory _connections;
    private readonly SharedMemory _tables;
    private readonly int[] _programs;

    public FastBench(int serverMtu = 1500, bool virtualMac = true, bool answersFirst = false)
    {
        Assert.SkipUnless((uint)geteuid() == 0, "needs root: it loads BPF programs");
        const uint limit = 1024;
        _connections = Array("test-connections", ConnectionMemory.SizeFor(limit));
        ConnectionMemory memory = ConnectionMemory.Create(_connections, limit);
        _tables = Array("test-tables", FastTables.SizeFor(memory));
        Tables = new FastTables(_tables, memory);
        Bench = new Bench(virtualMac, serverMtu, memory, now: BootClock.Milliseconds, fast: (Tables, Periods));
        _programs = [.. Bench.Interfaces.Select(each => BpfSystem.Load("test", FastPathProgram.Write(new FastPathPlan
        {
            Connections = memory,
            Tables = Tables,
            EngineMac = each.AnswerMac,
            InterfaceMac = each.OwnMac,
            AnswersFirst = answersFirst,
        })))];
    }

    public Bench Bench { get; }

    public NoPrograms Periods { get; } = new();

    public FastTables Tables { get; }

    /// <summary>Through the pipeline, and what can be handed over is.</summary>
    public Sent[] Receive(int position, byte[] frame)
    {
        Sent[] sent = Bench.Receive(position, frame);
        Bench.Core.EndBatch(drained: true);
        return sent;
    }

    /// <summary>Through the program; its answer and the frame afterwards.</summary>
    public (uint Answer, byte[] Frame) Run(int position, byte[] frame)
    {
        byte[] output = new byte[frame.Length + 256];
        uint answer = BpfSystem.Run(_programs[position], frame, output, [], out int length);
        return (answer, output[..length]);
    }

    /// <summary>The answer of a program for this plan to a frame that belongs to no flow.</summary>
    public static uint Divide(IngressPlan plan, byte[] frame)
    {
        const int loopback = 1;
        const uint limit = 64;
        Assert.SkipUnless((uint)geteuid() == 0, "needs root: it loads BPF programs");
        using SharedMemory connections = Array("test-connections", ConnectionMemory.SizeFor(limit));
        ConnectionMemory memory = ConnectionMemory.Create(connections, limit);
        using SharedMemory tables = Array("test-tables", FastTables.SizeFor(memory));
        int program = BpfSystem.Load("test", FastPathProgram.Write(new FastPathPlan
        {
            Connections = memory,
            Tables = new FastTables(tables, memory),
            EngineMac = plan.VirtualMac ? plan.EngineMac : plan.InterfaceMac,
            InterfaceMac = plan.InterfaceMac,
            Door = loopback,
            Rules = IngressRules.Programs(plan),
        }));
        byte[] output = new byte[frame.Length + 256];
        uint answer = BpfSystem.Run(program, frame, output, [], out _);
        _ = close(program);
        return answer;
    }

    public void Dispose()
    {
        foreach (int program in _programs)
            _ = close(program);
        _tables.Dispose();
        _connections.Dispose();
    }

    // None runs between two steps of a test.
    internal sealed class NoPrograms : IGracePeriods
    {
        /// <summary>A program runs on and on.</summary>
        public bool Stopped { get; set; }

        public long Ended { get; private set; }

        public void Begin(long number)
        {
            if (!Stopped)
                Ended = number;
        }
    }

    private static SharedMemory Array(string name, long size) => SharedMemory.FromDescriptor(BpfSystem.CreateArray(name, size), size);
}
