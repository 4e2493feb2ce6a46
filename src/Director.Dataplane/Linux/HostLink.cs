using Director.Dataplane.Control;
using Director.Dataplane.Linux.Netlink;
using Director.Dataplane.Wire;
using static Tmds.Linux.LibC;

namespace Director.Dataplane.Linux;

/// <summary>
/// The way between the engine and the host itself, for real servers that are the host ("local node"): a pair of virtual Ethernet
/// devices. What the engine sends at its end the host receives at the other, as from any network; the host's answers are brought
/// there by <see cref="Ingress.AnswerDiversion"/>. Neither end has an address.
/// </summary>
public sealed class HostLink : IDisposable
{
    // A reassembled datagram goes in whole.
    private const uint Mtu = 65535;
    private const string Refuser = "the way to real servers on this host: the kernel";

    private readonly NetlinkSocket _netlink = new();

    private HostLink(byte group) => (EngineEnd, HostEnd) = ($"director-e{group}", $"director-h{group}");

    /// <summary>What the engine opens as an interface of its own.</summary>
    public string EngineEnd { get; }

    public string HostEnd { get; }

    public MacAddress HostMac => InterfaceFacts.Mac(_netlink.Descriptor, HostEnd);

    public int HostIndex => InterfaceFacts.Index(HostEnd);

    /// <summary>Makes the pair; one that an engine left which was killed is removed first.</summary>
    /// <param name="group"><c>election.group</c>, by which directors on one host are told apart.</param>
    /// <exception cref="EngineException">The kernel refuses.</exception>
    public static HostLink Create(byte group)
    {
        HostLink link = new(group);
        try
        {
            link.Delete();
            link.Make();
            return link;
        }
        catch
        {
            link.Dispose();
            throw;
        }
    }

    /// <summary>Removes what an engine left that was killed, if there is something.</summary>
    public static void RemoveLeftover(byte group)
    {
        using HostLink link = new(group);
        link.Delete();
    }

    /// <summary>Both ends go; what was on the way is lost.</summary>
    public void Delete()
    {
        uint sequence = _netlink.NextSequence();
        var request = new NetlinkWriter(new byte[256], Rtnetlink.DeleteLink, Rtnetlink.Acknowledge, sequence);
        request.Add(default(InterfaceMessage));
        request.Attribute(Rtnetlink.LinkName, VirtualLinks.Text(HostEnd));
        int errno = _netlink.Execute(request.Message, sequence, out string words);
        if (errno != 0 && errno != ENODEV)
            throw Refused($"to remove {HostEnd}", errno, words);
    }

    public void Dispose() => _netlink.Dispose();

    private void Make()
    {
        uint sequence = _netlink.NextSequence();
        var request = new NetlinkWriter(
            new byte[1024], Rtnetlink.NewLink, Rtnetlink.Acknowledge | Rtnetlink.Create | Rtnetlink.Exclusive, sequence);
        request.Add(default(InterfaceMessage));
        Describe(ref request, HostEnd);
        int information = request.Nest(Rtnetlink.LinkInformation);
        request.Attribute(Rtnetlink.LinkKind, "veth\0"u8);
        int data = request.Nest(Rtnetlink.LinkData);
        int peer = request.Nest(Rtnetlink.VethPeer);
        request.Add(default(InterfaceMessage));
        Describe(ref request, EngineEnd);
        request.End(peer);
        request.End(data);
        request.End(information);
        int errno = _netlink.Execute(request.Message, sequence, out string words);
        if (errno != 0)
            throw Refused($"the pair {HostEnd}, {EngineEnd} (veth)", errno, words);
        VirtualLinks.Start(_netlink, HostEnd, Refuser);
        VirtualLinks.Start(_netlink, EngineEnd, Refuser);
    }

    private static void Describe(ref NetlinkWriter request, string name)
    {
        request.Attribute(Rtnetlink.LinkName, VirtualLinks.Text(name));
        request.Attribute(Rtnetlink.LinkMtu, Mtu);
    }

    private static EngineException Refused(string what, int errno, string words) =>
        SystemError.Exception($"{Refuser} refuses {what}{(words.Length > 0 ? $" ({words})" : "")}", errno);
}
