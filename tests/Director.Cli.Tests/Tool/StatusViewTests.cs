using Director.Cli.Tool;
using Director.Model;
using Spectre.Console;

namespace Director.Cli.Tests.Tool;

public sealed class StatusViewTests
{
    private static readonly DirectorStatus Status = new("a", "0.1.0", true, "owner", 12, 2, 5, new EngineStatus(
        true, 4711, "0.1.0", 1, 12, 3723, 250, 1_000_000,
        [new InterfaceStatus("eth0", true, "02:00:5e:00:01:01", 1500, "off", 1000, 900, 3)],
        new() { ["NoRoute"] = 7, ["TooBig"] = 0 }, [], ["10.1.0.100"], ["[eth1] has no carrier"]));

    [Fact]
    public void It_shows_what_an_operator_asks_first()
    {
        string text = Render(Status);
        foreach (string fact in new[]
        {
            "a 0.1.0", "owner, ready", "2 with 5 real servers, revision 12", "pid 4711, version 0.1.0, protocol 1, up 1 h 2 min, revision 12",
            "250 of at most 1000000", "10.1.0.100", "eth0", "02:00:5e:00:01:01", "NoRoute", "7", "warning: [eth1] has no carrier",
        })
        {
            Assert.Contains(fact, text);
        }
        Assert.DoesNotContain("TooBig", text);
    }

    [Theory]
    [InlineData(0, 0, 0, 0, null)]
    [InlineData(1, 0, 0, 0, "drop_entry when room is short")]
    [InlineData(2, 2, 0, 4, "drop_entry in force, drop_packet (1 of 4) in force")]
    [InlineData(0, 1, 3, 0, "drop_packet when room is short, secure_tcp in force")]
    public void Defences_are_shown_if_there_are_any(ulong dropEntry, ulong dropPacket, ulong secureTcp, ulong rate, string? expected)
    {
        string text = Render(Status with
        {
            Engine = Status.Engine with
            {
                Counters = new()
                {
                    [DefenceGauges.DropEntry] = dropEntry,
                    [DefenceGauges.DropPacket] = dropPacket,
                    [DefenceGauges.SecureTcp] = secureTcp,
                    [DefenceGauges.DropRate] = rate,
                },
            },
        });
        Assert.Equal(expected is not null, text.Contains("defences", StringComparison.Ordinal));
        Assert.Contains(expected ?? "", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_an_engine_it_says_so() =>
        Assert.Contains("not connected", Render(Status with { Ready = false, Engine = Status.Engine with { Connected = false, Interfaces = [] } }));

    [Fact]
    public void As_json_it_is_the_apis_own()
    {
        StringWriter output = new();
        StatusView.WriteJson(Status, output);
        Assert.StartsWith("""{"name":"a","version":"0.1.0","ready":true,"role":"owner","revision":12,""", output.ToString());
    }

    private static string Render(DirectorStatus status)
    {
        StringWriter output = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(output) });
        StatusView.Write(status, console);
        return output.ToString();
    }
}
