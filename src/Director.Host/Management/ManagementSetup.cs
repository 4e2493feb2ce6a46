using System.Net;
using System.Security.Cryptography.X509Certificates;
using Director.Host.Configuration;
using Director.Model;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Director.Host.Management;

/// <summary>The management API: Kestrel on the Unix socket and on TCP, and every route.</summary>
internal static class ManagementSetup
{
    /// <summary>A restore of 10,000 services with their servers is some 6 MB.</summary>
    private const long LargestBody = 32 * 1024 * 1024;

    public static WebApplicationBuilder AddManagement(this WebApplicationBuilder builder, DirectorOptions options)
    {
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestBody;
            kestrel.ListenUnixSocket(options.ManagementSocket);
            kestrel.Listen(AddressOf(options), options.HttpPort, listen => Secure(listen, options));
        });
        builder.Services.AddRoutingCore();
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            // For the description (/openapi/v1.json) only; bodies are read and written by DirectorJson itself.
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, DirectorJson.Default);
            foreach (System.Text.Json.Serialization.JsonConverter converter in DirectorJson.Default.Options.Converters)
                json.SerializerOptions.Converters.Add(converter);
        });
        builder.Services.AddOpenApi("v1", openApi => openApi.AddDocumentTransformer<ApiDescription>());
        builder.Services.AddSingleton(sp => WriteAccess.For(options));
        builder.Services.AddSingleton<ServiceCommands>();
        builder.Services.AddSingleton<EngineReadings>();
        builder.Services.AddSingleton<ElectionReadings>();
        builder.Services.AddSingleton<ClusterReadings>();
        return builder;
    }

    public static void MapManagement(this WebApplication app, DirectorOptions options)
    {
        app.UseMiddleware<ProblemMiddleware>();
        app.UseMiddleware<AccessMiddleware>();
        app.UseRouting();
        app.MapHealth();
        app.MapServices();
        app.MapServers();
        app.MapCommands();
        app.MapConnections();
        app.MapTimeouts();
        app.MapMarks();
        app.MapSettings();
        app.MapDaemons();
        app.MapStatus();
        app.MapElection();
        app.MapSync();
        app.MapMetrics();
        app.MapCluster();
        app.MapOpenApi("/openapi/{documentName}.json");
        app.Lifetime.ApplicationStarted.Register(() => ManagementReady.Announce(app, options));
    }

    private static IPAddress AddressOf(DirectorOptions options) =>
        options.HttpHostname == "localhost" ? IPAddress.Loopback : IPAddress.Parse(options.HttpHostname);

    private static void Secure(ListenOptions listen, DirectorOptions options)
    {
        if (options.CertificateFile is { } file)
            listen.UseHttps(Certificate(file));
    }

    private static X509Certificate2 Certificate(string file) => Path.GetExtension(file) is ".p12" or ".pfx"
        ? X509CertificateLoader.LoadPkcs12FromFile(file, password: null)
        : X509Certificate2.CreateFromPemFile(file);
}
