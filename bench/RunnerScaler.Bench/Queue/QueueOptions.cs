using System.Globalization;

namespace RunnerScaler.Bench.Queue;

/// <summary>The organisation whose queue is read, and for how long.</summary>
internal sealed record QueueOptions
{
    public int Repositories { get; init; } = 100;

    public int JobsPerHour { get; init; } = 480;

    public double Hours { get; init; } = 1;

    /// <summary>Requests that GitHub allows in an hour.</summary>
    public int Limit { get; init; } = 5000;

    public TimeSpan Length => TimeSpan.FromHours(Hours);

    /// <param name="arguments">Names and values by turns.</param>
    /// <param name="wrong">What is wrong with them; null if nothing is.</param>
    public static QueueOptions? Read(IReadOnlyList<string> arguments, out string? wrong)
    {
        var options = new QueueOptions();
        for (var i = 0; i < arguments.Count; i += 2)
        {
            var value = i + 1 < arguments.Count
                && double.TryParse(arguments[i + 1], CultureInfo.InvariantCulture, out var number)
                && number is > 0 and < 1_000_000 ? number : 0;
            var read = (value, arguments[i]) switch
            {
                (0, _) => null,
                (_, "--repositories") => options with { Repositories = (int)value },
                (_, "--jobs-per-hour") => options with { JobsPerHour = (int)value },
                (_, "--hours") => options with { Hours = value },
                (_, "--limit") => options with { Limit = (int)value },
                _ => null,
            };
            if (read is null)
            {
                wrong = $"'{arguments[i]}' and what follows it make no sense: write --repositories, --jobs-per-hour, "
                    + "--hours or --limit, and a number";
                return null;
            }
            options = read;
        }
        wrong = null;
        return options;
    }
}
