using System.IO.Compression;
using System.Text.Json;
using Director.Dataplane.Connections;
using Director.Dataplane.Tests.Wire;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Connections;

/// <summary>Against the transitions recorded from the kernel's IPVS: each row is a path to a state, one packet more, and what came of it.</summary>
public sealed class RecordedStatesTests
{
    private const string NoConnection = "(none)";

    public static TheoryData<string, int> Tables => new()
    {
        { "TCP NAT (default sysctls)", 128 },
        { "TCP DR (client packets only)", 48 },
        { "TCP TUN (client packets only)", 48 },
        { "TCP NAT secure_tcp=3", 144 },
        { "TCP DR secure_tcp=3", 48 },
        { "TCP NAT sloppy_tcp=1", 64 },
        { "TCP NAT conn_reuse_mode=0 (only c:S)", 48 },
        { "TCP NAT conn_reuse_mode=1 (only c:S)", 48 },
        { "TCP NAT conn_reuse_mode=2 (only c:S)", 48 },
        { "SCTP NAT", 336 },
        { "SCTP DR", 84 },
    };

    [Theory]
    [MemberData(nameof(Tables))]
    public void Every_recorded_row_comes_out_the_same(string table, int rows)
    {
        List<string> wrong = [];
        int replayed = 0;
        using JsonDocument document = Load();
        foreach (JsonProperty state in document.RootElement.GetProperty(table).EnumerateObject())
        {
            string[] path = [.. state.Value.GetProperty("path").EnumerateArray().Select(step => step.GetString()!)];
            foreach (JsonProperty next in state.Value.GetProperty("next").EnumerateObject())
            {
                (string, uint?) expected = (next.Value[0].GetString()!, next.Value[1].ValueKind == JsonValueKind.Null ? null : next.Value[1].GetUInt32());
                (string State, uint? Seconds) got = Replay(table, [.. path, next.Name]);
                // Recorded a moment later and rounded down, so it may be one less.
                if (got.State != expected.Item1 || (got.Seconds - expected.Item2) is not (null or 0 or 1) || got.Seconds.HasValue != expected.Item2.HasValue)
                    wrong.Add($"{state.Name} {next.Name}: {got}, recorded {expected}");
                replayed++;
            }
        }
        Assert.Empty(wrong);
        Assert.Equal(rows, replayed);
    }

    [Fact]
    public void No_recorded_row_is_left_out()
    {
        using JsonDocument document = Load();
        Dictionary<string, int> recorded = document.RootElement.EnumerateObject().ToDictionary(
            table => table.Name,
            table => table.Value.EnumerateObject().Sum(state => state.Value.GetProperty("next").EnumerateObject().Count()));
        Assert.Equal(1044, recorded.Values.Sum());
        Assert.Equal(recorded.OrderBy(table => table.Key), Tables.Select(row => KeyValuePair.Create(row.Data.Item1, row.Data.Item2)).OrderBy(table => table.Key));
    }

    // One real server: a connection that is replaced shows as the new one.
    private static (string State, uint? Seconds) Replay(string table, string[] packets)
    {
        byte protocol = table.StartsWith("SCTP", StringComparison.Ordinal) ? IpProtocol.Sctp : IpProtocol.Tcp;
        ForwardingMethod method = table.Contains(" DR", StringComparison.Ordinal) ? ForwardingMethod.DirectRoute
            : table.Contains(" TUN", StringComparison.Ordinal) ? ForwardingMethod.Tunnel
            : ForwardingMethod.Masquerade;
        Settings settings = new()
        {
            ConnReuseMode = table.Contains("conn_reuse_mode=", StringComparison.Ordinal) ? table[table.IndexOf('=') + 1] - '0' : 1,
            SloppyTcp = table.Contains("sloppy_tcp=1", StringComparison.Ordinal),
        };

        using TestTable test = new(64);
        test.Table.SecureTcp = table.Contains("secure_tcp=3", StringComparison.Ordinal);
        uint number = 0;
        foreach (string packet in packets)
        {
            PacketEvent what = protocol == IpProtocol.Sctp ? Chunk(packet[2..]) : TcpStates.EventOf(Flags(packet[2..]));
            PacketDirection direction = packet[0] == 'c' ? PacketDirection.Input : PacketDirection.Output;
            if (number != 0 && direction == PacketDirection.Input && OpeningRules.Replaces(what, test.Table[number], settings))
            {
                test.Table.Remove(number);
                number = 0;
            }
            if (number == 0 && direction == PacketDirection.Input && OpeningRules.Opens(what, settings))
                number = test.Create(1, protocol, method);
            if (number != 0)
                test.Table.Advance(number, what, direction, test.Now);
        }
        return number == 0 ? (NoConnection, null) : (ConnectionStates.Name(test.Table[number].State), test.Table.RemainingSeconds(number, test.Now));
    }

    private static TcpFlags Flags(string letters) => letters.Aggregate(TcpFlags.None, (flags, letter) => flags | letter switch
    {
        'S' => TcpFlags.Syn,
        'A' => TcpFlags.Ack,
        'F' => TcpFlags.Fin,
        'R' => TcpFlags.Rst,
        'P' => TcpFlags.Psh,
        _ => throw new ArgumentException($"What is '{letter}'?", nameof(letters)),
    });

    private static PacketEvent Chunk(string name)
    {
        byte type = name switch
        {
            "DATA" => SctpChunkType.Data,
            "INIT" => SctpChunkType.Init,
            "INIT_ACK" => SctpChunkType.InitAck,
            "SACK" => SctpChunkType.Sack,
            "HB" => SctpChunkType.Heartbeat,
            "ABORT" => SctpChunkType.Abort,
            "SHUTDOWN" => SctpChunkType.Shutdown,
            "SHUTDOWN_ACK" => SctpChunkType.ShutdownAck,
            "ERROR" => SctpChunkType.Error,
            "COOKIE_ECHO" => SctpChunkType.CookieEcho,
            "COOKIE_ACK" => SctpChunkType.CookieAck,
            "SHUTDOWN_COMPLETE" => SctpChunkType.ShutdownComplete,
            _ => throw new ArgumentException($"What is '{name}'?", nameof(name)),
        };
        Assert.True(SctpHeader.TryParse(SctpPackets.Of(1, 2, SctpPackets.Chunk(type, 12)), out SctpHeader packet, out _));
        return SctpStates.EventOf(packet);
    }

    private static JsonDocument Load()
    {
        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "golden", "state-tables.json.gz"));
        using GZipStream text = new(file, CompressionMode.Decompress);
        return JsonDocument.Parse(text);
    }
}
