using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Director.Actors.Election;

/// <summary>What stands for a director's name in the election's frames: the first 64 bits of its SHA-256, never 0.</summary>
public static class DirectorId
{
    public static ulong Of(string name)
    {
        ulong id = BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
        return id == 0 ? 1 : id;
    }
}
