using System.Collections.Immutable;
using Director.Dataplane.Connections;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Marks;

/// <summary>Rules and packets out of few addresses and ports, so that they meet often.</summary>
internal sealed class RandomMarks(int seed)
{
    public static readonly string[] Interfaces = ["eth0", "eth1", "bond0"];

    private readonly Random _chance = new(seed);

    public int Next(int most) => _chance.Next(most);

    public MarkRule[] Rules(int count) => [.. Enumerable.Range(0, count).Select(_ => Rule())];

    public FlowKey Flow()
    {
        bool four = Is(70);
        byte protocol = Pick<byte>(6, 6, 17, 132, 1, 47);
        return new FlowKey(protocol, Address(four), Port(), Address(four), Port());
    }

    private MarkRule Rule()
    {
        string text = string.Join(' ', Words()) + $" -j MARK {Action()}";
        Assert.True(MarkRule.TryParse(text, out ImmutableArray<MarkRule> rules, out string? error), $"{text}: {error}");
        return rules[0];
    }

    private IEnumerable<string> Words()
    {
        bool four = Is(70);
        if (Is(30))
            yield return $"{Not()}-s {Network(four)}";
        if (Is(70))
            yield return $"{Not()}-d {Network(four)}";
        if (Is(15))
            yield return Pick("-i eth0", "-i eth+", "! -i eth1", "-i bond0");
        if (Is(30))
            yield return Pick("! -p udp", "-p 47", "! -p tcp", "-p all");
        else
        {
            yield return Pick("-p tcp", "-p udp", "-p sctp");
            if (Is(70))
                yield return Ports();
        }
    }

    // What is not negated or bounded never contradicts itself.
    private string Ports() => Next(7) switch
    {
        0 => $"--dport {Port()}",
        1 => $"{Not()}--dport {Range()}",
        2 => $"--sport {Range()} ! --dport {Port()}",
        3 => $"-m multiport --dports {Port()},{Port()},{Port()}",
        4 => $"-m multiport {Not()}--ports {Port()},{Range()}",
        5 => $"-m multiport ! --sports {Port()},{Port()}",
        _ => $"--dport {Port()} -m multiport --sports {Port()},{Range()}",
    };

    private string Range() => Pick("1:3", "2:5", "4", "1000:2000");

    private string Action() => Pick(
        "--set-mark 7", "--set-mark 8", "--set-mark 0", "--set-mark 0x10/0xf0", "--or-mark 0x100", "--and-mark 0xff", "--xor-mark 0x3", "--set-xmark 0x1ff/0xf");

    private ushort Port() => Pick<ushort>(1, 2, 3, 4, 5, 80, 1500);

    private IpAddress Address(bool four) => four
        ? IpAddress.FromIpv4(Pick(0x0A010000u, 0x0A020000u, 0xC0A80000u) + (uint)Next(6))
        : new IpAddress(Pick(0xFD00_0000_0000_0000ul, 0xFD00_0000_0000_0001ul, 0ul), (ulong)Next(6));

    private string Network(bool four)
    {
        string mask = four ? Pick("", "", "", "/16", "/31", "/8", "/255.0.0.255") : Pick("", "", "/64", "/127", "/ffff::ffff");
        return $"{Address(four)}{mask}";
    }

    private string Not() => Is(15) ? "! " : "";

    private bool Is(int percent) => _chance.Next(100) < percent;

    private T Pick<T>(params ReadOnlySpan<T> choices) => choices[_chance.Next(choices.Length)];
}
