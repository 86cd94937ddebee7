using System.Collections;
using System.Globalization;
using RunnerScaler.Protocol;

namespace RunnerScaler.Hosting;

/// <summary>Values of options as text, in both directions.</summary>
internal static class OptionValue
{
    /// <summary>A value as it would be written.</summary>
    public static string Show(object? value) => value switch
    {
        null => "",
        TimeSpan time => Duration.Format(time),
        bool truth => truth ? "true" : "false",
        IEnumerable<string> list => string.Join(',', list),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    /// <summary>The value that the text stands for; null if it stands for none.</summary>
    public static object? Parse(string text, Type type)
    {
        var invariant = CultureInfo.InvariantCulture;
        if (type == typeof(string))
            return text;
        if (type == typeof(int))
            return int.TryParse(text, NumberStyles.AllowLeadingSign, invariant, out var number) ? number : null;
        if (type == typeof(long))
            return long.TryParse(text, NumberStyles.AllowLeadingSign, invariant, out var number) ? number : null;
        if (type == typeof(double))
            return double.TryParse(text, invariant, out var number) && double.IsFinite(number) ? number : null;
        if (type == typeof(bool))
            return bool.TryParse(text, out var truth) ? truth : null;
        if (type == typeof(TimeSpan))
            return Duration.TryParse(text, out var time) ? time : null;
        var word = Enum.GetNames(type).FirstOrDefault(name => name.Equals(text, StringComparison.OrdinalIgnoreCase));
        return word is null ? null : Enum.Parse(type, word);
    }

    /// <summary>What may be written for a type.</summary>
    public static string Wanted(Type type) => type switch
    {
        _ when type == typeof(int) || type == typeof(long) => "a whole number",
        _ when type == typeof(double) => "a number such as 0.8",
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(TimeSpan) => "a time such as 250ms, 30s, 5m or 1h30m",
        _ when type.IsEnum => $"one of {string.Join(", ", Enum.GetNames(type))}",
        _ => "one value",
    };

    /// <summary>A list is written with commas, or item by item with numbers for keys.</summary>
    public static void Fill(IList list, IConfigurationSection given)
    {
        list.Clear();
        var items = given.Value?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            ?? given.GetChildren().Select(child => child.Value ?? "");
        foreach (var item in items)
            list.Add(item);
    }
}
