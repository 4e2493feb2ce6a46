using System.Security.Cryptography;
using System.Text;

namespace Director.Actors.Cluster;

/// <summary>The secret that a group's directors share.</summary>
public static class ElectionKey
{
    /// <summary>
    /// Tells whether two directors have the same key: HMAC-SHA256 of a fixed text under it, of which half is enough. The key cannot be
    /// told from it, except by trying keys: a key that can be guessed is no key.
    /// </summary>
    public static string Fingerprint(string key) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), "director election key 1"u8).AsSpan(0, 16));
}
