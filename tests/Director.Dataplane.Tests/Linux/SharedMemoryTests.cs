using Director.Dataplane.Control;
using Director.Dataplane.Linux;

namespace Director.Dataplane.Tests.Linux;

public sealed class SharedMemoryTests
{
    [Fact]
    public void Two_mappings_of_one_descriptor_are_the_same_memory()
    {
        using SharedMemory first = SharedMemory.Create("director-test", 8192);
        using Microsoft.Win32.SafeHandles.SafeFileHandle copy = File.OpenHandle($"/proc/self/fd/{first.Descriptor}", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        using SharedMemory second = SharedMemory.FromDescriptor((int)copy.DangerousGetHandle());
        copy.SetHandleAsInvalid();
        Assert.Equal(8192, second.Size);

        first.Slice<uint>(4096, 4)[3] = 0xCAFE;
        Assert.Equal(0xCAFEu, second.Slice<uint>(4096 + 12, 1)[0]);
    }

    [Fact]
    public void A_file_that_is_too_short_is_refused_before_a_page_of_it_is_touched()
    {
        using SharedMemory memory = SharedMemory.Create("director-test", 4096);
        Microsoft.Win32.SafeHandles.SafeFileHandle copy = File.OpenHandle($"/proc/self/fd/{memory.Descriptor}", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        EngineException refused = Assert.Throws<EngineException>(() => SharedMemory.FromDescriptor((int)copy.DangerousGetHandle(), 8192));
        copy.SetHandleAsInvalid();
        Assert.Contains("4096 bytes", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_region_is_bounded_like_an_array()
    {
        using SharedMemory memory = SharedMemory.Private(64);
        Region<uint> region = memory.Slice<uint>(32, 4);
        region[3] = 1;
        Assert.Throws<ArgumentOutOfRangeException>(() => region[4]);
        Assert.Throws<ArgumentOutOfRangeException>(() => region[uint.MaxValue]);
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.Slice<uint>(32, 9));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.Slice<uint>(-4, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.Slice<uint>(2, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.Slice<ulong>(64, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.Slice<ulong>(8, uint.MaxValue));
        region.Clear();
        Assert.Equal(0u, region[3]);
    }

    [Fact]
    public void Disposed_memory_gives_no_more_views()
    {
        SharedMemory memory = SharedMemory.Private(64);
        memory.Dispose();
        memory.Dispose();
        Assert.Throws<ObjectDisposedException>(() => memory.Slice<byte>(0, 1));
    }
}
