using Director.Dataplane.Connections;
using Director.Dataplane.Control;
using Director.Dataplane.FastPath;
using Director.Dataplane.Linux.Bpf;
using Director.Dataplane.Linux.Bpf.Programs;
using Director.Dataplane.Linux.Ingress;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Linux;

/// <summary>The fast path at one interface: its program, and the <see cref="Door"/> behind which the rest comes to the engine.</summary>
public sealed class FastIngress : IDisposable
{
    private readonly ConnectionMemory _connections;
    private readonly FastTables _tables;
    private readonly int _interfaceIndex;
    private int _link = -1;
    private int _program = -1;

    /// <exception cref="EngineException">The kernel refuses.</exception>
    public FastIngress(ConnectionMemory connections, FastTables tables, byte group, int position, string interfaceName)
    {
        _connections = connections;
        _tables = tables;
        _interfaceIndex = InterfaceFacts.Index(interfaceName);
        Door = Door.Open(group, position);
        try
        {
            // Passes everything on. Whatever the kernel refuses, it refuses now.
            Follow(new IngressPrograms(IngressRules.Nothing, IngressRules.Nothing), default, default, answersFirst: false);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public Door Door { get; }

    /// <summary>From now on frames are divided by these rules; each sees the old or the new ones.</summary>
    /// <exception cref="EngineException">The kernel refuses; the old ones hold.</exception>
    public void Follow(IngressPrograms rules, MacAddress engine, MacAddress own, bool answersFirst)
    {
        int program = BpfSystem.Load("director_fast", FastPathProgram.Write(new FastPathPlan
        {
            Connections = _connections,
            Tables = _tables,
            EngineMac = engine,
            InterfaceMac = own,
            AnswersFirst = answersFirst,
            Door = Door.Index,
            Rules = rules,
        }));
        try
        {
            if (_link < 0)
                _link = BpfSystem.AttachIngress(program, _interfaceIndex);
            else
                BpfSystem.Replace(_link, program);
        }
        catch
        {
            BpfSystem.Close(program);
            throw;
        }
        if (_program >= 0)
            BpfSystem.Close(_program);
        _program = program;
    }

    public void Dispose()
    {
        if (_link >= 0)
            BpfSystem.Close(_link);
        if (_program >= 0)
            BpfSystem.Close(_program);
        Door.Dispose();
    }
}
