using System.IO.Compression;
using System.Text.Json;
using Director.Dataplane.Connections;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Connections;

/// <summary>Against the transitions recorded from the kernel's IPVS: each row is a path to a state, one packet more, and what came of it.</summary>
public sealed class TcpStatesTests
{
    private const string NoConnection = "(none)";

    public static TheoryData<string, int> Tables => new()
    {
        { "TCP NAT (default sysctls)", 128 },
        { "TCP DR (client packets only)", 48 },
        { "TCP TUN (client packets only)", 48 },
        { "TCP NAT conn_reuse_mode=0 (only c:S)", 48 },
        { "TCP NAT conn_reuse_mode=1 (only c:S)", 48 },
        { "TCP NAT conn_reuse_mode=2 (only c:S)", 48 },
    };

    [Theory]
    [MemberData(nameof(Tables))]
    public void Every_recorded_row_comes_out_the_same(string table, int rows)
    {
        ForwardingMethod method = table.Contains("DR", StringComparison.Ordinal) ? ForwardingMethod.DirectRoute
            : table.Contains("TUN", StringComparison.Ordinal) ? ForwardingMethod.Tunnel
            : ForwardingMethod.Masquerade;
        List<string> wrong = [];
        int replayed = 0;
        using JsonDocument document = Load();
        foreach (JsonProperty state in document.RootElement.GetProperty(table).EnumerateObject())
        {
            string[] path = [.. state.Value.GetProperty("path").EnumerateArray().Select(step => step.GetString()!)];
            foreach (JsonProperty next in state.Value.GetProperty("next").EnumerateObject())
            {
                (string, uint?) expected = (next.Value[0].GetString()!, next.Value[1].ValueKind == JsonValueKind.Null ? null : next.Value[1].GetUInt32());
                (string State, uint? Seconds) got = Replay([.. path, next.Name], method);
                // Recorded a moment later and rounded down, so it may be one less.
                if (got.State != expected.Item1 || (got.Seconds - expected.Item2) is not (null or 0 or 1) || got.Seconds.HasValue != expected.Item2.HasValue)
                    wrong.Add($"{state.Name} {next.Name}: {got}, recorded {expected}");
                replayed++;
            }
        }
        Assert.Empty(wrong);
        Assert.Equal(rows, replayed);
    }

    [Theory]
    [InlineData(TcpFlags.None, ConnectionState.Established, ConnectionState.Close)]
    [InlineData(TcpFlags.Psh | TcpFlags.Urg, ConnectionState.Established, ConnectionState.Close)]
    [InlineData(TcpFlags.Syn | TcpFlags.Fin | TcpFlags.Ack | TcpFlags.Rst, ConnectionState.Established, ConnectionState.Close)]
    [InlineData(TcpFlags.Syn | TcpFlags.Fin | TcpFlags.Ack, ConnectionState.TimeWait, ConnectionState.SynReceived)]
    [InlineData(TcpFlags.Ack | TcpFlags.Ece | TcpFlags.Cwr, ConnectionState.SynReceived, ConnectionState.Established)]
    public void Flags_count_in_the_order_RST_SYN_FIN_ACK(TcpFlags flags, ConnectionState from, ConnectionState to) =>
        Assert.Equal(to, TcpStates.Next(from, PacketDirection.Input, noOutput: false, flags));

    [Fact]
    public void Every_state_has_a_successor_for_every_packet()
    {
        foreach (ConnectionState state in Enum.GetValues<ConnectionState>())
        {
            for (int flags = 0; flags < 256; flags++)
            {
                foreach (bool noOutput in new[] { false, true })
                {
                    Assert.InRange(TcpStates.Next(state, PacketDirection.Input, noOutput, (TcpFlags)flags), ConnectionState.Established, ConnectionState.SynAck);
                    Assert.InRange(TcpStates.Next(state, PacketDirection.Output, noOutput, (TcpFlags)flags), ConnectionState.Established, ConnectionState.SynAck);
                }
            }
        }
    }

    private static (string State, uint? Seconds) Replay(string[] packets, ForwardingMethod method)
    {
        using TestTable test = new(64);
        uint number = 0;
        foreach (string packet in packets)
        {
            TcpFlags flags = Flags(packet[2..]);
            PacketDirection direction = packet[0] == 'c' ? PacketDirection.Input : PacketDirection.Output;
            if (number == 0 && direction == PacketDirection.Input && TcpStates.Opens(flags))
                number = test.Create(1, method: method);
            if (number != 0)
                test.Table.Advance(number, flags, direction, test.Now);
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

    private static JsonDocument Load()
    {
        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "golden", "state-tables.json.gz"));
        using GZipStream text = new(file, CompressionMode.Decompress);
        return JsonDocument.Parse(text);
    }
}
