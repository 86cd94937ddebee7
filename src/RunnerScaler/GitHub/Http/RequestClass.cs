namespace RunnerScaler.GitHub.Http;

/// <summary>Requests that GitHub limits together, if it limits each endpoint on its own.</summary>
internal enum RequestClass
{
    /// <summary>Lists of a repository's runs.</summary>
    RunLists,

    /// <summary>The jobs of a run.</summary>
    JobLists,

    /// <summary>All else that only reads.</summary>
    OtherReads,

    /// <summary>Registrations of runners.</summary>
    Registrations,

    /// <summary>All else that changes something: removals of runners, tokens of installations.</summary>
    OtherWrites,
}

internal static class RequestClassExtensions
{
    /// <summary>
    /// What a request of the class counts for, as
    /// <see href="https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#calculating-points-for-the-secondary-rate-limit">GitHub
    /// counts</see>.
    /// </summary>
    public static double Points(this RequestClass of) => of.IsWrite() ? 5 : 1;

    public static bool IsWrite(this RequestClass of) => of is RequestClass.Registrations or RequestClass.OtherWrites;
}
