using System.Text;
using Director.Dataplane.Control;
using Director.Dataplane.Linux.Netlink;

namespace Director.Dataplane.Linux;

/// <summary>Brings up the engine's own virtual interfaces, which have no addresses, not even IPv6's by themselves.</summary>
internal static class VirtualLinks
{
    /// <param name="netlink">To the kernel.</param>
    /// <param name="name">Of the interface.</param>
    /// <param name="who">How the sentence begins that says that it is refused.</param>
    /// <exception cref="EngineException">The kernel refuses.</exception>
    public static void Start(NetlinkSocket netlink, string name, string who)
    {
        uint sequence = netlink.NextSequence();
        var quiet = new NetlinkWriter(new byte[256], Rtnetlink.NewLink, Rtnetlink.Acknowledge, sequence);
        quiet.Add(default(InterfaceMessage));
        quiet.Attribute(Rtnetlink.LinkName, Text(name));
        int families = quiet.Nest(Rtnetlink.LinkFamilies);
        int ipv6 = quiet.Nest(Rtnetlink.Ipv6);
        quiet.Attribute(Rtnetlink.Ipv6Generation, [Rtnetlink.NoAddresses]);
        quiet.End(ipv6);
        quiet.End(families);
        _ = netlink.Execute(quiet.Message, sequence, out _); // where there is no IPv6, it gives itself no address either

        sequence = netlink.NextSequence();
        var up = new NetlinkWriter(new byte[256], Rtnetlink.NewLink, Rtnetlink.Acknowledge, sequence);
        up.Add(new InterfaceMessage { Flags = Rtnetlink.LinkUp, Change = Rtnetlink.LinkUp });
        up.Attribute(Rtnetlink.LinkName, Text(name));
        int errno = netlink.Execute(up.Message, sequence, out string words);
        if (errno != 0)
            throw SystemError.Exception($"{who} refuses to bring up {name}{(words.Length > 0 ? $" ({words})" : "")}", errno);
    }

    public static byte[] Text(string name) => [.. Encoding.ASCII.GetBytes(name), 0];
}
