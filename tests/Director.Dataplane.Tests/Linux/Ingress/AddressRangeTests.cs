using Director.Dataplane.Linux.Ingress;
using Director.Dataplane.Wire;
using static Director.Dataplane.Tests.Wire.Addresses;

namespace Director.Dataplane.Tests.Linux.Ingress;

public sealed class AddressRangeTests
{
    /// <summary>Addresses, foreign ones, most ranges, and the ranges.</summary>
    public static TheoryData<string, string, string, int, string> Covered => new()
    {
        { "none", "", "", 4, "" },
        { "one", "10.0.0.1", "", 4, "10.0.0.1-10.0.0.1" },
        { "neighbours are one range however many there may be", "10.0.0.3 10.0.0.1 10.0.0.2 10.0.0.1", "", 4, "10.0.0.1-10.0.0.3" },
        { "apart if there may be", "10.0.0.1 10.0.0.3", "", 2, "10.0.0.1-10.0.0.1 10.0.0.3-10.0.0.3" },
        { "together if not", "10.0.0.1 10.0.0.3", "", 1, "10.0.0.1-10.0.0.3" },
        { "the widest gap stays", "10.0.0.1 10.0.0.3 10.0.9.1 10.0.9.2", "", 2, "10.0.0.1-10.0.0.3 10.0.9.1-10.0.9.2" },
        { "of gaps of one size the first", "10.0.0.1 10.0.0.3 10.0.0.5 10.0.9.1", "", 3, "10.0.0.1-10.0.0.1 10.0.0.3-10.0.0.5 10.0.9.1-10.0.9.1" },
        { "around what is foreign", "10.0.0.1 10.0.0.3 10.0.0.5", "10.0.0.4", 1, "10.0.0.1-10.0.0.3 10.0.0.5-10.0.0.5" },
        { "foreign and ours is ours", "10.0.0.1 10.0.0.2 10.0.0.3", "10.0.0.2", 1, "10.0.0.1-10.0.0.3" },
        { "families", "10.0.0.1 ::1 ::2", "", 1, "10.0.0.1-10.0.0.1 ::1-::2" },
        { "the last 4 bytes only", "fd00::ffff:ffff fd00::1:0:0 fd00::1:0:7", "", 1, "fd00::ffff:ffff-fd00::ffff:ffff fd00::1:0:0-fd00::1:0:7" },
        { "all there is", "0.0.0.0 255.255.255.255", "", 1, "0.0.0.0-255.255.255.255" },
    };

    [Theory]
    [MemberData(nameof(Covered))]
    public void Addresses_are_covered_with_the_least_between_them(string name, string addresses, string foreign, int most, string ranges)
    {
        AddressRange[] covering = AddressRange.Covering(Parse(addresses), Parse(foreign), most);
        Assert.True(ranges == string.Join(' ', covering.Select(range => $"{range.First}-{range.Last}")), $"{name}: {string.Join(' ', covering)}");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_address_and_nothing_foreign_is_in_one_range(int seed)
    {
        Random random = new(seed);
        for (int round = 0; round < 50; round++)
        {
            IpAddress[] addresses = [.. Enumerable.Range(0, random.Next(60)).Select(_ => Any(random))];
            IpAddress[] foreign = [.. Enumerable.Range(0, random.Next(5)).Select(_ => Any(random)).Except(addresses)];
            int most = random.Next(1, 20);
            AddressRange[] ranges = AddressRange.Covering(addresses, foreign, most);
            Assert.All(addresses, address => Assert.Single(ranges, range => range.Contains(address)));
            Assert.All(foreign, address => Assert.DoesNotContain(ranges, range => range.Contains(address)));
            // Three blocks of addresses that cannot be joined, and each foreign one divides one.
            Assert.InRange(ranges.Length, 0, most + 2 + foreign.Length);
        }
    }

    private static IpAddress Any(Random random) => random.Next(3) switch
    {
        0 => Ip("10.0.0.0").Plus((uint)random.Next(500)),
        1 => Ip("fd00::").Plus((uint)random.Next(500)),
        _ => Ip("fd00::7:0:0").Plus((uint)random.Next(500)),
    };

    private static IEnumerable<IpAddress> Parse(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Ip);
}
