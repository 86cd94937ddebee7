using RunnerScaler.Control.Work;

namespace RunnerScaler.Hosting;

/// <summary>How log lines look.</summary>
internal enum LogFormat
{
    /// <summary>One line for people.</summary>
    Simple,

    /// <summary>One JSON object a line, for collectors.</summary>
    Json,
}

/// <summary>How the process behaves.</summary>
internal sealed class ProcessOptions
{
    /// <summary>How log lines look.</summary>
    public LogFormat LogFormat { get; set; } = LogFormat.Simple;

    /// <summary>The least severe lines that are logged.</summary>
    public LogLevel LogLevel { get; set; } = LogLevel.Information;

    /// <summary>
    /// How long the loops may take to end after the process was asked to. Keep it below the pod's
    /// <c>terminationGracePeriodSeconds</c>.
    /// </summary>
    [OptionRange("1s", "10m")]
    public TimeSpan StopWithin { get; set; } = TimeSpan.FromSeconds(25);
}
