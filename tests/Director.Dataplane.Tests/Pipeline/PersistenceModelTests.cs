using Director.Dataplane.Connections;
using Director.Dataplane.Tables;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>
/// Random clients, packets, time, changes of servers and settings, and dying engines: after each step all numbers add up, and no
/// client of a living template is sent anywhere else.
/// </summary>
public sealed class PersistenceModelTests
{
    [Theory]
    [InlineData(1, 1023, 3000)]
    [InlineData(2, 1023, 3000)]
    [InlineData(3, 63, 4000)]
    [InlineData(4, 127, 3000)]
    public void Numbers_add_up_and_templates_hold(int seed, uint connections, int steps)
    {
        RandomLife life = new(seed, connections);
        for (int step = 0; step < steps; step++)
        {
            life.Step();
            life.Check();
        }
        life.End();
        Assert.True(life.ByTemplate > steps / 40, $"only {life.ByTemplate} connections were made by a template");
        Assert.True(life.Restarts > 10 && life.Templates > 100, $"{life.Restarts} restarts, {life.Templates} templates");
    }

    private sealed class RandomLife : BenchLife
    {
        private static readonly (string Service, string Port, byte Protocol)[] Services =
        [
            ("-t 10.1.0.100:80 -s rr -p 30", ":8080", IpProtocol.Tcp),
            ("-t 10.1.0.100:81 -s rr", ":8081", IpProtocol.Tcp),
            ("-u 10.1.0.100:53 -s rr -p 20 -M 255.255.255.0", ":53", IpProtocol.Udp),
            ("-t 10.1.0.100:0 -s rr -p 40", "", IpProtocol.Tcp),
            ("-u 10.1.0.100:5353 -s rr -o -p 15", ":53", IpProtocol.Udp),
        ];

        private const int Plain = 1;
        private const int EveryPort = 3;

        private static readonly TcpFlags[] Flags =
            [TcpFlags.Syn, TcpFlags.Syn, TcpFlags.Syn, TcpFlags.Ack, TcpFlags.Ack, TcpFlags.Fin | TcpFlags.Ack, TcpFlags.Rst | TcpFlags.Ack];

        private static readonly string[] Switches = ["expire_nodest_conn", "expire_quiescent_template"];

        private readonly Random _random;
        private readonly HashSet<Peer> _asked = [];
        private Settings _settings = Settings.Default;

        public RandomLife(int seed, uint connections)
            : base(connections)
        {
            _random = new Random(seed);
            for (int which = 0; which < Services.Length; which++)
                AddService(which);
        }

        /// <summary>Connections that went where a template said.</summary>
        public int ByTemplate { get; private set; }

        /// <summary>Templates that were made.</summary>
        public int Templates { get; private set; }

        public int Restarts { get; private set; }

        public void Step()
        {
            switch (_random.Next(100))
            {
                case < 62:
                    FromClient();
                    break;
                case < 76:
                    FromServer();
                    break;
                case < 88:
                    Wait(_random.Next(20) == 0 ? 70_000 : _random.Next(5000));
                    break;
                case < 94:
                    ChangeServer();
                    break;
                case < 96:
                    Set();
                    break;
                case < 97:
                    int deleted = _random.Next(Services.Length);
                    if (Has(deleted))
                        Do($"ipvsadm -D {Key(deleted)}");
                    break;
                default:
                    Restarts++;
                    RestartEngine();
                    break;
            }
            // A service that was deleted comes back after a while.
            int added = _random.Next(Services.Length);
            if (!Has(added) && _random.Next(5) == 0)
                AddService(added);
        }

        /// <summary>No client comes any more.</summary>
        public void End()
        {
            for (int minute = 0; minute < 40; minute++)
                Bench.Tick(60_000);
            Assert.Equal(0u, Bench.Core.Connections.Count);
            Check();
        }

        public void Check()
        {
            ConnectionTable table = Bench.Core.Connections;
            uint[] living = [.. Enumerable.Range(1, (int)table.Capacity).Select(number => (uint)number).Where(number => table[number].IsInUse)];
            Assert.Equal((uint)living.Length, table.Count);

            ILookup<uint, uint> byTemplate = living.Where(number => table.Templates.Of(number) != 0).ToLookup(table.Templates.Of);
            foreach (IGrouping<uint, uint> made in byTemplate)
                Assert.All(made, number => Assert.Equal((true, table[number].ServerSlot), (IsTemplate(table, made.Key), table[made.Key].ServerSlot)));
            foreach (uint template in living.Where(number => IsTemplate(table, number)))
                Assert.Equal((uint)byTemplate[template].Count(), Bench.Memory.Extensions[template].ControlledConnections);

            ILookup<uint, uint> bySlot = living.ToLookup(number => table[number].ServerSlot);
            foreach (IGrouping<uint, uint> held in bySlot)
            {
                Assert.True(table.Servers[held.Key].IsInUse);
                Assert.Equal((uint)held.Count(), table.Servers[held.Key].References);
                if (Bench.Core.Services.ServerAt(held.Key) is { } server)
                    CheckCounts(table, server, held);
            }
            foreach (Server server in Bench.Core.Services.Services.SelectMany(service => service.Servers.ToArray()))
                CheckCounts(table, server, bySlot[server.Slot]);
            Assert.DoesNotContain(Listed().Where(IsValidTemplate).CountBy(each => (each.Protocol, each.Client, each.VirtualPort)), each => each.Value > 1);
        }

        private static void CheckCounts(ConnectionTable table, Server server, IEnumerable<uint> held)
        {
            Assert.Equal(table.Servers[server.Slot].Address, server.Address);
            Assert.Equal(
                (held.Count(number => IsTemplate(table, number)), held.Count(number => !IsTemplate(table, number) && table[number].IsActive), held.Count(number => !IsTemplate(table, number) && !table[number].IsActive)),
                ((int)server.PersistentConnections, (int)server.ActiveConnections, (int)server.InactiveConnections));
        }

        private void FromClient()
        {
            int which = _random.Next(Services.Length);
            bool tcp = Services[which].Protocol == IpProtocol.Tcp;
            ushort port = which == EveryPort ? (ushort)_random.Next(82, 85) : ServicePort(which);
            Peer peer = new($"10.1.{_random.Next(128, 131)}.{_random.Next(1, 5)}", (ushort)_random.Next(1, 7), VirtualPort: port);
            TcpFlags? flags = tcp ? Flags[_random.Next(Flags.Length)] : null;

            IReadOnlyList<ConnectionEntry> before = Listed();
            Sent[] sent = Bench.Receive(Bench.Client, peer.ToVirtual(Bench, flags, [1]));
            if (!sent.Any(each => each.Position == Bench.ServerSide))
                return;
            Remember(peer, sent[0]);
            int server = ServerOf(peer);
            if (tcp && !Has(which))
                which = EveryPort;
            ConnectionEntry? connection = before.FirstOrDefault(each =>
                each.Client.ToString() == peer.Address && each.ClientPort == peer.Port && each.VirtualPort == port && (byte)each.Protocol == Services[which].Protocol);
            if (connection is null)
                CheckScheduled(which, peer, server, before);
            else if (!_settings.ExpireNodestConn && (flags != TcpFlags.Syn || port != 81))
                Assert.Equal(NumberOf(connection), server);
            if (tcp || which == 2)
                _asked.Add(peer);
        }

        // The packet began a connection, or is one for itself.
        private void CheckScheduled(int which, Peer peer, int server, IReadOnlyList<ConnectionEntry> before)
        {
            if (which == Plain)
                return;
            if (before.SingleOrDefault(each => IsTemplateOf(each, which, peer)) is { } template
                && Commands.Services.Single(IsOf(which)).Servers.FirstOrDefault(each => each.Address.Equals(template.Server)) is { } configured
                && !(_settings.ExpireQuiescentTemplate && configured.Weight == 0))
            {
                ByTemplate++;
                Assert.Equal(NumberOf(template), server);
            }
            else
            {
                Templates++;
                Assert.Equal(server, NumberOf(Listed().Single(each => IsTemplateOf(each, which, peer))));
            }
        }

        private void FromServer()
        {
            if (_asked.Count == 0)
                return;
            Peer peer = _asked.ElementAt(_random.Next(_asked.Count));
            TcpFlags? flags = peer.VirtualPort == 53 ? null : _random.Next(3) == 0 ? TcpFlags.Fin | TcpFlags.Ack : TcpFlags.Syn | TcpFlags.Ack;
            Bench.Receive(Bench.ServerSide, peer.FromServer(Bench, $"10.2.0.1{ServerOf(peer)}", ServerPortOf(peer), flags, [1]));
        }

        private void ChangeServer()
        {
            int which = _random.Next(Services.Length);
            if (!Has(which))
                return;
            string server = $"-r 10.2.0.1{_random.Next(1, 5)}{Services[which].Port}";
            bool there = Commands.Services.Single(IsOf(which)).Servers.Any(each => server.Contains(each.Address.ToString(), StringComparison.Ordinal));
            Do(!there ? $"ipvsadm -a {Key(which)} {server} -m"
                : _random.Next(2) == 0 ? $"ipvsadm -d {Key(which)} {server}"
                : $"ipvsadm -e {Key(which)} {server} -m -w {_random.Next(3)}");
        }

        private void Set()
        {
            string name = Switches[_random.Next(Switches.Length)];
            int value = _random.Next(2);
            Do($"sysctl -w net.ipv4.vs.{name}={value}");
            Assert.True(_settings.TryChange([KeyValuePair.Create(name, value)], out _settings, out _));
        }

        private void AddService(int which)
        {
            Do($"ipvsadm -A {Services[which].Service}");
            for (int server = 1; server <= 3; server++)
                Do($"ipvsadm -a {Key(which)} -r 10.2.0.1{server}{Services[which].Port} -m");
        }

        private bool Has(int which) => Commands.Services.Any(IsOf(which));

        private static Func<VirtualService, bool> IsOf(int which) => each => each.Key == KeyOf(Services[which].Service);

        private static string Key(int which) => string.Join(' ', Services[which].Service.Split(' ')[..2]);

        private static ServiceKey KeyOf(string service) =>
            ServiceKey.TryParse($"{(service[1] == 't' ? "tcp" : "udp")} {service.Split(' ')[1]}", out ServiceKey? key) ? key : throw new ArgumentException(service);

        private static ushort ServicePort(int which) => KeyOf(Services[which].Service).Port;

        private static bool IsTemplateOf(ConnectionEntry each, int which, Peer peer) => IsValidTemplate(each)
            && (byte)each.Protocol == Services[which].Protocol && each.VirtualPort == ServicePort(which)
            && each.Client.ToString() == (which == 2 ? peer.Address[..peer.Address.LastIndexOf('.')] + ".0" : peer.Address);

        private static bool IsValidTemplate(ConnectionEntry each) => each.ClientPort == 0 && each.VirtualPort != 65535;

        private static bool IsTemplate(ConnectionTable table, uint number) =>
            (table[number].Flags & (ConnectionFlags.Template | ConnectionFlags.InUse)) == (ConnectionFlags.Template | ConnectionFlags.InUse);

        private static int NumberOf(ConnectionEntry each) => each.Server.GetAddressBytes()[3] - 10;
    }
}
