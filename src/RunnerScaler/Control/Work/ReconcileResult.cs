namespace RunnerScaler.Control.Work;

/// <summary>What comes of a look at one key; <see cref="WorkQueue{TKey}.Return"/> acts on it.</summary>
internal readonly record struct ReconcileResult
{
    private ReconcileResult(ReconcileNext next, TimeSpan delay) => (Next, Delay) = (next, delay);

    public ReconcileNext Next { get; }

    /// <summary>How long to wait; of a failure at least so long.</summary>
    public TimeSpan Delay { get; }

    /// <summary>Nothing is to be done until something happens.</summary>
    public static ReconcileResult Done => default;

    /// <summary>It is to be looked at again after this time, although nothing happens; at once if it is not above
    /// zero.</summary>
    public static ReconcileResult After(TimeSpan delay) => new(ReconcileNext.After, delay);

    /// <summary>It failed: it is to be tried again after a pause that grows from failure to failure.</summary>
    /// <param name="atLeast">No pause is shorter than this.</param>
    public static ReconcileResult Retry(TimeSpan atLeast = default) => new(ReconcileNext.Retry, atLeast);

    /// <summary>Done if it was done, else to be tried again.</summary>
    public static ReconcileResult DoneIf(bool isDone) => isDone ? Done : Retry();
}

/// <summary>When a key is looked at again.</summary>
internal enum ReconcileNext
{
    /// <summary>When something happens.</summary>
    Never,

    /// <summary>After a time that the reconciler names.</summary>
    After,

    /// <summary>After a pause that grows with each failure in a row.</summary>
    Retry,
}
