using Director.Actors.Journal;
using Director.Dataplane.Control;
using Director.Host;
using Director.Host.Configuration;
using Director.Host.Life;

CommandLine line = CommandLine.Parse(args);
if (line.Answer is { } answer)
{
    (line.ExitCode == 0 ? Console.Out : Console.Error).WriteLine(answer);
    return line.ExitCode;
}
(DirectorOptions? options, ConfigurationError[] errors) = ConfigurationReader.Read(line.File);
foreach (ConfigurationError error in errors)
    Console.Error.WriteLine(error);
if (options is null)
    return 2;
if (line.CheckOnly)
{
    foreach (string warning in DeclarationCheck.Warnings(options))
        Console.Error.WriteLine($"{line.File}: warning: {warning}");
    Console.Out.WriteLine($"{line.File}: ok");
    return 0;
}
try
{
    using DataDirectory data = DataDirectory.Hold(options.DataDirectory);
    await using WebApplication director = DirectorApplication.Create(options, data);
    await director.RunAsync();
    return 0;
}
catch (Exception failure) when (failure is StartException or JournalException or EngineException or IOException)
{
    Console.Error.WriteLine($"directord: {failure.Message}");
    return 1;
}
