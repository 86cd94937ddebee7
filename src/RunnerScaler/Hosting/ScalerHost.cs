using System.Net.Sockets;
using System.Reflection;
using Microsoft.Extensions.Options;
using RunnerScaler.Control.State;
using RunnerScaler.Hosting.Commands;
using RunnerScaler.Telemetry;
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
                return await TellWrongAsync(error, () => RunAsync(options));
            case CommandLine.Call call:
                return await TellWrongAsync(error, () => CallAsync(call, output, error));
            default:
                throw new InvalidOperationException("A command line of an unknown kind.");
        }
    }

    /// <summary>Composes the process without starting it.</summary>
    /// <param name="commandLine">Options that win over all others, by their full key.</param>
    /// <param name="folder">Where <c>appsettings.json</c> may be; null for the working directory.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <exception cref="OptionsValidationException">Options are wrong.</exception>
    /// <exception cref="InvalidDataException"><c>appsettings.json</c> is no JSON.</exception>
    public static WebApplication Build(
        IEnumerable<KeyValuePair<string, string?>> commandLine, string? folder = null, TimeProvider? time = null)
    {
        folder ??= Environment.CurrentDirectory;
        var builder = WebApplication.CreateEmptyBuilder(new() { ContentRootPath = folder });
        Configure(builder.Configuration, folder, commandLine);
        var options = OptionRules.Require(builder.Configuration);
        builder.Host.UseDefaultServiceProvider(provider => provider.ValidateOnBuild = provider.ValidateScopes = true);
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRunnerScaler(builder.Configuration, time ?? TimeProvider.System);
        AddLogging(builder.Logging, options.Process);
        var app = builder.Build();
        app.MapEndpoints();
        app.Services.GetRequiredService<JobTraces>().Follow(app.Services.GetRequiredService<EndedRunners>());
        return app;
    }

    private static async Task<int> RunAsync(IEnumerable<KeyValuePair<string, string?>> commandLine)
    {
        await using var app = Build(commandLine);
        LogStarting(app.Logger, Version);
        await StartAsync(app);
        await app.WaitForShutdownAsync();
        return app.Services.GetRequiredService<ExitCode>().Value;
    }

    private static Task<int> CallAsync(CommandLine.Call call, TextWriter output, TextWriter error)
    {
        var configuration = new ConfigurationBuilder();
        // Commands open no endpoint for claims.
        configuration.AddInMemoryCollection([new($"{ScalerOptions.Root}:Kubernetes:ClaimsUrl", "https://localhost")]);
        Configure(configuration, Environment.CurrentDirectory, call.Options);
        var options = OptionRules.Require(configuration.Build());
        return call.Command.RunAsync(
            new(call.Command, call.Arguments, options, output, error) { Operand = call.Operand },
            CancellationToken.None);
    }

    private static void Configure(
        IConfigurationBuilder configuration, string folder, IEnumerable<KeyValuePair<string, string?>> commandLine) =>
        configuration
            .SetBasePath(folder)
            .AddJsonFile("appsettings.json", optional: true, reloadOnChange: false)
            .AddEnvironmentVariables()
            .AddInMemoryCollection(commandLine);

    /// <summary>What keeps the process from its work is told in sentences, not in a stack trace.</summary>
    private static async Task<int> TellWrongAsync(TextWriter error, Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (OptionsValidationException wrong)
        {
            foreach (var sentence in wrong.Failures)
                await error.WriteLineAsync(sentence);
        }
        catch (CommandException wrong)
        {
            await error.WriteLineAsync(wrong.Message);
        }
        catch (InvalidDataException wrong)
        {
            await error.WriteLineAsync($"appsettings.json cannot be read: {wrong.GetBaseException().Message}");
        }
        return ExitCode.Usage;
    }

    /// <exception cref="OptionsValidationException">An address cannot be listened at.</exception>
    private static async Task StartAsync(WebApplication app)
    {
        try
        {
            await app.StartAsync();
        }
        catch (Exception wrong) when (wrong is IOException or SocketException)
        {
            var problem = $"{OptionName.Describe("Web:Port")}, {OptionName.Describe("Web:ClaimsPort")} and "
                + $"{OptionName.Describe("Web:WebhooksPort")} must be free, and their addresses this machine's: "
                + wrong.Message;
            throw new OptionsValidationException(Options.DefaultName, typeof(WebOptions), [problem]);
        }
    }

    private static void AddLogging(ILoggingBuilder logging, ProcessOptions options)
    {
        const string utc = "yyyy-MM-ddTHH:mm:ss.fffZ ";
        logging.SetMinimumLevel(options.LogLevel)
            .AddFilter("Microsoft", options.LogLevel > LogLevel.Warning ? options.LogLevel : LogLevel.Warning)
            // What keeps the process from starting is told in one sentence, not in a stack trace.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        if (options.LogFormat == LogFormat.Json)
            logging.AddJsonConsole(json => (json.TimestampFormat, json.UseUtcTimestamp) = (utc.Trim(), true));
        else
            logging.AddSimpleConsole(simple =>
                (simple.SingleLine, simple.TimestampFormat, simple.UseUtcTimestamp) = (true, utc, true));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "RunnerScaler {Version} starts")]
    private static partial void LogStarting(ILogger log, string version);
}
