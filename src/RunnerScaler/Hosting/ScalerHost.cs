using System.Reflection;
using Microsoft.Extensions.Options;
using RunnerScaler.Web;

namespace RunnerScaler.Hosting;

/// <summary>The process from its arguments to its exit code.</summary>
internal static partial class ScalerHost
{
    public static string Version { get; } =
        typeof(ScalerHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>Runs until it is told to stop, or answers what else was asked for.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter error)
    {
        switch (CommandLine.Parse(arguments))
        {
            case CommandLine.Help:
                await output.WriteAsync(CommandLine.Usage());
                return ExitCode.Success;
            case CommandLine.Version:
                await output.WriteLineAsync(Version);
                return ExitCode.Success;
            case CommandLine.Wrong(var why):
                await error.WriteLineAsync(why);
                return ExitCode.Usage;
            case CommandLine.Run(var options):
                return await RunAsync(options, error);
            default:
                throw new InvalidOperationException("A command line of an unknown kind.");
        }
    }

    /// <summary>Composes the process without starting it.</summary>
    /// <param name="commandLine">Options that win over all others, by their full key.</param>
    /// <exception cref="OptionsValidationException">Options are wrong.</exception>
    /// <exception cref="InvalidDataException"><c>appsettings.json</c> is no JSON.</exception>
    public static WebApplication Build(IEnumerable<KeyValuePair<string, string?>> commandLine)
    {
        var builder = WebApplication.CreateEmptyBuilder(new() { ContentRootPath = Environment.CurrentDirectory });
        builder.Configuration
            .AddJsonFile("appsettings.json", optional: true, reloadOnChange: false)
            .AddEnvironmentVariables()
            .AddInMemoryCollection(commandLine);
        var options = OptionRules.Require(builder.Configuration);
        builder.Host.UseDefaultServiceProvider(provider => provider.ValidateOnBuild = provider.ValidateScopes = true);
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRunnerScaler(builder.Configuration);
        AddLogging(builder.Logging, options.Process);
        var app = builder.Build();
        app.MapDoors();
        return app;
    }

    private static async Task<int> RunAsync(IEnumerable<KeyValuePair<string, string?>> commandLine, TextWriter error)
    {
        try
        {
            await using var app = Build(commandLine);
            LogStarting(app.Logger, Version);
            await app.StartAsync();
            await app.WaitForShutdownAsync();
            return app.Services.GetRequiredService<ExitCode>().Value;
        }
        catch (OptionsValidationException wrong)
        {
            foreach (var sentence in wrong.Failures)
                await error.WriteLineAsync(sentence);
            return ExitCode.Usage;
        }
        catch (Exception wrong) when (wrong is InvalidDataException or IOException)
        {
            // A broken appsettings.json, or an address that is taken: the message says which.
            await error.WriteLineAsync(wrong.Message);
            return ExitCode.Usage;
        }
    }

    private static void AddLogging(ILoggingBuilder logging, ProcessOptions options)
    {
        const string utc = "yyyy-MM-ddTHH:mm:ss.fffZ ";
        logging.SetMinimumLevel(options.LogLevel)
            .AddFilter("Microsoft", options.LogLevel > LogLevel.Warning ? options.LogLevel : LogLevel.Warning);
        if (options.LogFormat == LogFormat.Json)
            logging.AddJsonConsole(json => (json.TimestampFormat, json.UseUtcTimestamp) = (utc.Trim(), true));
        else
            logging.AddSimpleConsole(simple =>
                (simple.SingleLine, simple.TimestampFormat, simple.UseUtcTimestamp) = (true, utc, true));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "RunnerScaler {Version} starts")]
    private static partial void LogStarting(ILogger log, string version);
}
