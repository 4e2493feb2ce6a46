using Director.Dataplane.Election;

namespace Director.Dataplane.Tests.Election;

public sealed class EpochFileTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void A_new_file_has_nothing_reserved_and_its_full_size()
    {
        using EpochFile file = EpochFile.Open(_path);
        Assert.Equal(0ul, file.Reserved);
        Assert.Null(file.Damage);
        Assert.Equal(8192, new FileInfo(_path).Length);
    }

    [Fact]
    public void What_was_reserved_last_is_found_again()
    {
        Reserve(10, 20, 30);
        Assert.Equal(30ul, Reserved());
    }

    [Theory]
    [InlineData(4096, 20ul)] // the third was written to the second slot
    [InlineData(0, 30ul)]
    public void One_damaged_slot_costs_no_more_than_itself(int at, ulong left)
    {
        Reserve(10, 20, 30);
        Damage(at);
        Assert.Equal(left, Reserved());
    }

    [Fact]
    public void Two_damaged_slots_are_told()
    {
        Reserve(10, 20);
        Damage(0);
        Damage(4096);
        using EpochFile file = EpochFile.Open(_path);
        Assert.Equal(0ul, file.Reserved);
        Assert.NotNull(file.Damage);
        file.Reserve(50);
        Assert.Equal(50ul, file.Reserved);
    }

    [Fact]
    public void A_file_cut_short_is_mended()
    {
        Reserve(10, 20);
        using (FileStream cut = File.OpenWrite(_path))
            cut.SetLength(100);
        Assert.Equal(20ul, Reserved());
        Reserve(40);
        Assert.Equal(40ul, Reserved());
    }

    private void Reserve(params ulong[] epochs)
    {
        using EpochFile file = EpochFile.Open(_path);
        foreach (ulong epoch in epochs)
            file.Reserve(epoch);
    }

    private ulong Reserved()
    {
        using EpochFile file = EpochFile.Open(_path);
        return file.Reserved;
    }

    private void Damage(int at)
    {
        using FileStream file = new(_path, FileMode.Open);
        file.Position = at + 17;
        file.WriteByte(0xA5);
    }
}
