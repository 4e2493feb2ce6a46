using Director.Dataplane.Linux;
using Director.Dataplane.Linux.Ingress;
using Director.Dataplane.Pipeline;

namespace Director.Engine;

/// <summary>
/// The way to real servers that are the host itself: the engine's end of a <see cref="HostLink"/>, opened like an interface of the
/// network, and at each of those the diversion of the host's answers into it.
/// </summary>
internal sealed class HostWay : IDisposable
{
    /// <summary>What a status shows of it.</summary>
    public const string FastPath = "off: the way to this host itself";

    private readonly HostLink _link;
    private readonly AnswerDiversion[] _diversions;
    private readonly int _hostIndex;
    private BpfInstruction[] _program = [];

    private HostWay(HostLink link, PacketInterface opened, PacketInterface[] arms)
    {
        _link = link;
        _hostIndex = link.HostIndex;
        Interface = opened;
        Name = new EngineInterface(arms.Length, link.EngineEnd, opened.Index, opened.Mac, opened.Mac) { HostMac = link.HostMac };
        _diversions = [.. arms.Select(each => new AnswerDiversion(each.Name))];
    }

    public PacketInterface Interface { get; }

    public EngineInterface Name { get; }

    /// <exception cref="Director.Dataplane.Control.EngineException">The kernel refuses.</exception>
    public static HostWay Open(byte group, PacketInterface[] arms)
    {
        HostLink link = HostLink.Create(group);
        try
        {
            foreach (PacketInterface each in arms)
                each.MarkSent(IngressRules.SentByEngine);
            return new HostWay(link, PacketInterface.Open(link.EngineEnd, IngressRules.Everything), arms);
        }
        catch
        {
            link.Delete();
            link.Dispose();
            throw;
        }
    }

    /// <summary>What a killed engine left on these interfaces.</summary>
    public static void RemoveLeftover(byte group, PacketInterface[] arms)
    {
        foreach (PacketInterface each in arms)
        {
            using AnswerDiversion diversion = new(each.Name);
            diversion.Remove();
        }
        HostLink.RemoveLeftover(group);
    }

    public void Follow(MasqueradeServer[] servers)
    {
        BpfInstruction[] program = IngressRules.HostAnswers(servers);
        if (_program.AsSpan().SequenceEqual(program))
            return;
        foreach (AnswerDiversion each in _diversions)
            each.Install(program, _hostIndex);
        _program = program;
    }

    /// <summary>Takes everything away again.</summary>
    public void Close()
    {
        foreach (AnswerDiversion each in _diversions)
            each.Remove();
        _link.Delete();
        Dispose();
    }

    /// <summary>Leaves link and diversions where they are.</summary>
    public void Dispose()
    {
        Interface.Dispose();
        _link.Dispose();
        foreach (AnswerDiversion each in _diversions)
            each.Dispose();
    }
}
