using Director.Actors.Journal;
using Director.Actors.Services;
using Director.Host.Configuration;
using Director.Host.Engine;
using Director.Host.Life;
using Director.Host.Management;
using Director.Host.Marks;

namespace Director.Host;

/// <summary>One director, put together and not yet started: log, actors, engine, life, management API, in this order.</summary>
public static class DirectorApplication
{
    /// <param name="options">A valid configuration.</param>
    /// <param name="data">Held as long as the application lives.</param>
    /// <param name="engine">Null: an engine process.</param>
    /// <param name="capabilities">Null: those of this version.</param>
    /// <param name="hostMarks">Null: those of this host's iptables.</param>
    /// <exception cref="JournalException">The journal cannot be used.</exception>
    /// <exception cref="StartException">Something else is in the way.</exception>
    public static WebApplication Create(DirectorOptions options, DataDirectory data, IEngineSource? engine = null, Capabilities? capabilities = null, IHostMarkSource? hostMarks = null)
    {
        ManagementSocket.Claim(options.ManagementSocket);
        if (options.Cluster is not null && data.LacksEpochs)
            options = options with { Warnings = [.. options.Warnings, MissingEpochs(data)] };
        DirectorFiles files = OpenJournal(options, data);

        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(options).AddSingleton(files).AddSingleton<LeaveEngine>().AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<IHostLifetime, Signals>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
        builder.AddLog();
        HostInterfaces host = new();
        builder.Services.AddSingleton(_ => host); // which disposes of it
        builder.AddActors(options, files, capabilities ?? new Capabilities
        {
            LocalAddresses = options.Engine.LocalAddresses,
            IsHostAddress = host.Have,
            InterfaceMtu = Dataplane.Linux.HostInterface.MtuOf,
        });
        if (engine is null)
            builder.Services.AddSingleton<IEngineSource, EngineProcessSource>();
        else
            builder.Services.AddSingleton(engine);
        builder.Services.AddHostedService<DirectorLife>();
        builder.Services.AddSingleton(hostMarks ?? IptablesSave.OfThisHost).AddSingleton<HostMarkWatch>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<HostMarkWatch>());
        builder.AddManagement(options);

        WebApplication application = builder.Build();
        application.MapManagement(options);
        return application;
    }

    private static string MissingEpochs(DataDirectory data) =>
        $"epoch file {data.EpochPath} is missing, though there is a journal: epochs go on from those that are heard. If this director was one of several before, start another one first";

    private static DirectorFiles OpenJournal(DirectorOptions options, DataDirectory data)
    {
        if (options.PostgreSql is { } database)
        {
            PostgreSqlJournal.Prepare(database, options.Name);
            return new DirectorFiles(PostgreSqlJournal.Describe(database), JournalStore.PostgreSql(database, options.Name));
        }
        JournalFile.Prepare(data.JournalPath);
        return new DirectorFiles(data.JournalPath, JournalStore.Sqlite(data.JournalPath));
    }
}
