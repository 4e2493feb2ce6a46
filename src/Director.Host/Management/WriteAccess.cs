using System.Net;
using System.Security.Cryptography;
using System.Text;
using Director.Host.Configuration;
using Director.Host.Life;
using Microsoft.AspNetCore.Connections.Features;

namespace Director.Host.Management;

/// <summary>
/// Who may do what. Over the Unix socket: everything, its mode says who connects. Over TCP: reading on loopback is open, the rest
/// needs the bearer token; without a token nobody writes there.
/// </summary>
internal sealed class WriteAccess(byte[]? token, bool readingIsOpen)
{
    private const string Scheme = "Bearer ";
    private const int ShortestToken = 16;

    public static WriteAccess For(DirectorOptions options)
    {
        bool loopback = options.HttpHostname == "localhost" || IPAddress.IsLoopback(IPAddress.Parse(options.HttpHostname));
        return new WriteAccess(options.TokenFile is { } file ? ReadToken(file) : null, loopback);
    }

    /// <summary>Null: go on. Else why not.</summary>
    public string? Object(HttpContext context)
    {
        bool reads = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        if (IsLocal(context) || (reads && readingIsOpen))
            return null;
        if (token is null)
            return "writing over TCP is off: use the Unix socket, or configure management.http.token-file";
        return HasToken(context) ? null : "this needs the bearer token of management.http.token-file, or the Unix socket";
    }

    private static bool IsLocal(HttpContext context) => context.Features.Get<IConnectionSocketFeature>() is { Socket.AddressFamily: System.Net.Sockets.AddressFamily.Unix };

    private bool HasToken(HttpContext context)
    {
        string header = context.Request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(header[Scheme.Length..].Trim()), token);
    }

    private static byte[] ReadToken(string file)
    {
        const UnixFileMode others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite;
        try
        {
            if ((File.GetUnixFileMode(file) & others) != 0)
                throw new StartException($"token file {file} is open to others: chmod 600 {file}");
            string token = File.ReadAllText(file).Trim();
            return token.Length >= ShortestToken
                ? Encoding.UTF8.GetBytes(token)
                : throw new StartException($"token file {file} holds no token of at least {ShortestToken} characters");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"token file {file}: {e.Message}", e);
        }
    }
}
