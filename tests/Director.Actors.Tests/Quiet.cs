using Akka.Configuration;

namespace Director.Actors.Tests;

/// <summary>For actor systems of tests: nothing of theirs goes to the console.</summary>
internal static class Quiet
{
    public static readonly Config Hocon = ConfigurationFactory.ParseString("akka { loglevel = OFF, stdout-loglevel = OFF, log-dead-letters = off }");
}
