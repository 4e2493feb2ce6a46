namespace Director.Dataplane.Tests.Synchronization;

/// <summary>Bytes of version 1 as they were when they were first sent: other directors have sent and kept them.</summary>
internal static class Frozen
{
    /// <summary>In hexadecimal. A sample that is missing is printed by the test that misses it.</summary>
    public static string Bytes(string name, byte[] today)
    {
        string path = Path.Combine(AppContext.BaseDirectory, "Synchronization", "samples", $"{name}.hex");
        Assert.True(File.Exists(path), $"{name}.hex is missing; as written today:\n{Convert.ToHexString(today)}");
        return string.Concat(File.ReadLines(path));
    }
}
