using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;

namespace Director.Cli.Tool.Certificates;

/// <summary><c>director certificates</c>: an authority and a certificate for each director, for the link between directors.</summary>
internal static class CertificatesCommand
{
    public static Command Build()
    {
        Argument<string[]> names = new("NAME") { Description = "A director's name; certificate and key go to NAME.pem", Arity = ArgumentArity.OneOrMore };
        Option<string> folder = new("--directory") { Description = "Where the files go and the authority is kept (default: here)", HelpName = "DIR", DefaultValueFactory = _ => "." };
        Command command = new("certificates", "Make certificates for the link between directors, and the authority that signs them if there is none yet") { names, folder };
        command.SetAction(parsed => Run(parsed.GetValue(folder)!, parsed.GetValue(names)!, TimeProvider.System, Console.Out, Console.Error));
        return command;
    }

    internal static int Run(string folder, string[] names, TimeProvider time, TextWriter output, TextWriter errors)
    {
        if (Array.Find(names, name => !IsName(name)) is { } odd)
        {
            errors.WriteLine($"director: '{odd}' is no name of a director: letters, digits, - _ . and at most 64 of them, and not 'ca'");
            return DirectorTool.Usage;
        }
        if (names.Select(name => Path.Combine(folder, $"{name}.pem")).FirstOrDefault(File.Exists) is { } taken)
        {
            errors.WriteLine($"director: {taken} exists and was left as it is: move it away first");
            return DirectorTool.NotReady;
        }
        try
        {
            Directory.CreateDirectory(folder);
            DateTimeOffset now = time.GetUtcNow();
            using CertificateAuthority authority = CertificateAuthority.Open(folder, now, out bool created);
            if (created)
                output.WriteLine($"{Path.Combine(folder, CertificateAuthority.CertificateFile)}: the authority, for every director. Its key, {CertificateAuthority.KeyFile}, stays here and makes further certificates");
            foreach (string name in names)
            {
                DateTimeOffset end = authority.Issue(folder, name, now);
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Path.Combine(folder, $"{name}.pem")}: for director {name} alone, until {end:yyyy-MM-dd}"));
            }
            output.WriteLine("On each director: director.cluster { certificate = \"NAME.pem\", authority = \"ca.pem\" }, with their full paths");
            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            errors.WriteLine($"director: {folder}: {e.Message}");
            return DirectorTool.NotReady;
        }
    }

    private static bool IsName(string name) => name.Length is > 0 and <= 64 && name is not ("ca" or "." or "..") && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}
