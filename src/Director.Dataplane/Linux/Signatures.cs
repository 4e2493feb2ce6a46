using System.Runtime.InteropServices;
using Director.Dataplane.Control;

namespace Director.Dataplane.Linux;

/// <summary>What announcements are signed with is OpenSSL's; without it the first signature would end the process.</summary>
public static class Signatures
{
    private static readonly string[] Libraries = ["libssl.so.3", "libssl.so.1.1"];

    /// <exception cref="EngineException">It is not there; what to do.</exception>
    public static void Require()
    {
        if (!Array.Exists(Libraries, library => NativeLibrary.TryLoad(library, out _)))
            throw new EngineException("the election signs its announcements with OpenSSL, which this host has not: apt-get install libssl3");
    }
}
