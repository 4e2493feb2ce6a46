using Director.Actors.Replication;

namespace Director.Actors.Tests.Replication;

public sealed class StampTests
{
    [Theory]
    [InlineData("1.1.a", "1.2.a", "the number decides")]
    [InlineData("1.9.a", "2.1.a", "the epoch before the number")]
    [InlineData("1.1.a", "1.1.b", "the name last")]
    [InlineData("0.0.", "0.1.a", "no version is below all")]
    [InlineData("9.9.z", "10.0.a", "numbers, not texts")]
    public void Versions_have_one_order(string lower, string higher, string why)
    {
        Assert.True(Version(lower) < Version(higher), why);
        Assert.True(Version(higher) >= Version(lower) && Version(lower) <= Version(higher) && Version(higher) > Version(lower), why);
    }

    [Theory]
    [InlineData("18446744073709551615.0.a.b")]
    [InlineData("0.0.")]
    public void A_version_is_its_text(string text) => Assert.Equal(text, Version(text).ToString());

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1.2")]
    [InlineData("-1.2.a")]
    [InlineData("1.x.a")]
    [InlineData("18446744073709551616.0.a")]
    public void Other_texts_are_none(string? text) => Assert.False(ObjectVersion.TryParse(text, out _));

    [Fact]
    public void An_edit_covers_what_it_was_made_on_top_of_and_nothing_else()
    {
        Stamp first = new(Version("1.3.a"), 0);
        Stamp second = first.Next(Version("2.5.b"), 0);
        Stamp third = second.Next(Version("2.8.a"), 0);

        Assert.True(second.Covers(Version("1.3.a")) && second.Covers(Version("1.2.a")) && second.Covers(Version("2.5.b")));
        Assert.False(second.Covers(Version("1.4.a")), "an edit of a's that b had not seen");
        Assert.False(first.Covers(Version("2.5.b")));
        Assert.True(third.Covers(Version("2.5.b")) && third.Covers(Version("1.3.a")));
        Assert.False(third.Covers(Version("2.6.b")) || third.Covers(ObjectVersion.None));
        Assert.True(Stamp.None.Next(Version("1.1.a"), 0).Covers(ObjectVersion.None));
    }

    [Theory]
    [InlineData("service tcp 10.1.0.100:80")]
    [InlineData("service fwmark6 7")]
    [InlineData("timeouts")]
    [InlineData("marks")]
    [InlineData("settings")]
    [InlineData("sync-daemons")]
    [InlineData("declaration")]
    [InlineData("override 7.12.a service udp [fd00::1]:53")]
    public void A_key_is_its_text(string text)
    {
        Assert.True(ObjectKey.TryParse(text, out ObjectKey? key));
        Assert.Equal(text, key.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("service")]
    [InlineData("service tcp nowhere")]
    [InlineData("service fwmark 7 ")]
    [InlineData("override ")]
    [InlineData("planets")]
    public void Other_texts_name_no_object(string? text) =>
        Assert.False(ObjectKey.TryParse(text, out ObjectKey? key) && key.ToString() == text);

    private static ObjectVersion Version(string text) => ObjectVersion.TryParse(text, out ObjectVersion version) ? version : throw new ArgumentException(text);
}
