using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Director.Dataplane.Control;
using Director.Dataplane.Control.Messages;
using Director.Dataplane.Tests.Marks;
using Director.Model;
using FsCheck;
using FsCheck.Fluent;

namespace Director.Dataplane.Tests.Control.Messages;

/// <summary>Generators for what travels over the control socket.</summary>
internal static class Values
{
    public static readonly Gen<uint> Number = Gen.OneOf(
        Gen.Elements(0u, 1u, 255u, 65536u, 0x7FFFFFFFu, uint.MaxValue), Gen.Choose(0, int.MaxValue).Select(value => (uint)value));

    public static readonly Gen<ulong> Large = from high in Number from low in Number select ((ulong)high << 32) | low;

    public static readonly Gen<ushort> Port = Gen.Choose(0, 65535).Select(value => (ushort)value);

    public static readonly Gen<byte> Octet = Gen.Choose(0, 255).Select(value => (byte)value);

    public static readonly Gen<bool> Flag = Gen.Elements(false, true);

    public static readonly Gen<string> Text = Gen.Elements("", "wlc", "eth0", "ESTABLISHED", "äöü €", "🦊 rr", new string('x', 300));

    public static readonly Gen<IPAddress> Address = Gen.OneOf(
        Number.Select(value => new IPAddress(value)),
        from bytes in Octet.ArrayOf(16) select new IPAddress(bytes),
        Gen.Choose(1, 9).Select(scope => IPAddress.Parse($"fe80::{scope}%{scope}")));

    public static readonly Gen<TransportProtocol> Transport = Gen.Elements(TransportProtocol.Tcp, TransportProtocol.Udp, TransportProtocol.Sctp);

    public static readonly Gen<ServiceKey> Key = Gen.OneOf(
        from protocol in Transport from address in Address from port in Port select ServiceKey.ForAddress(protocol, address, port),
        from mark in Number
        from family in Gen.Elements(AddressFamily.InterNetwork, AddressFamily.InterNetworkV6)
        select ServiceKey.ForMark(mark, family));

    public static readonly Gen<RealServer> Server =
        from address in Address
        from port in Port
        from forwarding in Gen.Elements(Enum.GetValues<ForwardingMethod>())
        from weight in Gen.Choose(0, int.MaxValue)
        from upper in Number
        from lower in Number
        from type in Gen.Elements(Enum.GetValues<TunnelType>())
        from tunnelPort in Port
        from tunnelFlags in Port
        from clientAddress in Gen.Elements(Enum.GetValues<ClientAddress>())
        select new RealServer
        {
            Address = address,
            Port = port,
            Forwarding = forwarding,
            Weight = weight,
            UpperThreshold = upper,
            LowerThreshold = lower,
            TunnelType = type,
            TunnelPort = tunnelPort,
            TunnelFlags = (TunnelFlags)tunnelFlags,
            ClientAddress = clientAddress,
        };

    public static readonly Gen<VirtualService> Service =
        from key in Key
        from scheduler in Text
        from flags in Port
        from timeout in Number
        from netmask in Optional(Address)
        from prefix in Octet
        from engine in Optional(Text)
        from servers in Few(Server)
        select new VirtualService
        {
            Key = key,
            Scheduler = scheduler,
            Flags = (ServiceFlags)flags,
            PersistenceTimeout = timeout,
            PersistenceNetmask = netmask,
            PrefixLength = prefix,
            PersistenceEngine = engine,
            Servers = ImmutableArray.Create(servers),
        };

    public static readonly Gen<TableUpdate> Table =
        from before in Large
        from after in Large
        from full in Flag
        from changed in Few(Service)
        from removed in Few(Key)
        select new TableUpdate(before, after, full, changed, removed);

    public static readonly Gen<EngineConfiguration> Configuration =
        from interfaces in Few(Text)
        from floating in Few(from address in Address from prefix in Octet from name in Text select new FloatingAddress(address, prefix, name))
        from local in Few(Address)
        from number in Octet
        from mac in Flag
        from limit in Number
        select new EngineConfiguration
        {
            Interfaces = interfaces,
            FloatingAddresses = floating,
            LocalAddresses = local,
            Group = number,
            VirtualMac = mac,
            ConnectionLimit = limit,
        };

    public static readonly Gen<Statistics> Numbers =
        from n in Large.ArrayOf(10) select new Statistics(n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], n[8], n[9]);

    public static readonly Gen<TableStatistics> Observed =
        from services in Few(
            from key in Key
            from numbers in Numbers
            from servers in Few(
                from address in Address
                from port in Port
                from counts in Number.ArrayOf(3)
                from each in Numbers
                select new ServerStatus(address, port, counts[0], counts[1], counts[2], each))
            select new ServiceStatistics(key, numbers, servers))
        select new TableStatistics(services);

    public static readonly Gen<ConnectionEntry> Entry =
        from protocol in Gen.Elements(Enum.GetValues<TransportProtocol>())
        from expires in Number
        from state in Text
        from addresses in Address.ArrayOf(3)
        from ports in Port.ArrayOf(3)
        from engine in Optional(Text)
        from data in Optional(Text)
        select new ConnectionEntry(protocol, expires, state, addresses[0], ports[0], addresses[1], ports[1], addresses[2], ports[2], engine, data);

    public static readonly Gen<EngineStatus> Status =
        from processId in Gen.Choose(0, int.MaxValue)
        from numbers in Number.ArrayOf(2)
        from revision in Large
        from uptime in Gen.Choose(0, int.MaxValue)
        from interfaces in Few(
            from name in Text
            from carrier in Flag
            from mtu in Gen.Choose(0, 65536)
            from counts in Large.ArrayOf(3)
            select new InterfaceStatus(name, carrier, "00:00:5e:00:01:01", mtu, "off", counts[0], counts[1], counts[2]))
        from drops in Number
        from texts in Few(Text)
        select new EngineStatus(
            true, processId, "0.1.0", ProtocolRange.Supported.Maximum, revision, uptime, numbers[0], numbers[1], interfaces,
            new Dictionary<string, ulong> { ["no-route"] = drops, ["too-big"] = 2 }, new Dictionary<string, ulong> { ["arp"] = 1 }, texts, []);

    public static readonly Gen<MarkRule[]> Marks = Gen.Choose(0, 1 << 20).Select(seed => new RandomMarks(seed).Rules(seed % 5));

    public static readonly Gen<Settings> Settings =
        from chosen in Gen.Elements(SettingDefinition.All.ToArray()).ArrayOf(5)
        from high in Flag.ArrayOf(5)
        select chosen.Zip(high).Aggregate(Model.Settings.Default, (settings, each) => each.First.Write(settings, each.Second ? each.First.Most : each.First.Least));

    public static MarkRule Rule(string text) => MarkRule.TryParse(text, out ImmutableArray<MarkRule> rules, out string? error) ? rules.Single() : throw new ArgumentException(error);

    public static Gen<T[]> Few<T>(Gen<T> each) => Gen.Choose(0, 4).SelectMany(each.ArrayOf);

    private static Gen<T?> Optional<T>(Gen<T> some)
        where T : class => Gen.OneOf(Gen.Constant<T?>(null), some.Select(value => (T?)value));
}
