// The live state document as the dashboard reads it; a test holds it against schemas.py.
type Phases = [number, number, number];
type PartialPhases = [number | null, number | null, number | null];

type Language = "en" | "nl" | "fr" | "de";
type Texts = Record<Language, string>;

interface SiteInfo { name: string; time_zone: string; currency: string; demo: boolean; version: string }
interface Flow {
  grid_w: number | null; production_w: number | null; chargers_w: number | null; battery_w: number | null;
  house_w: number | null;
}
interface Circuit {
  id: string; name: string; parent: string | null; level: number; limit_a: Phases; limit_sources: string[];
  load_a: PartialPhases | null; metered?: boolean; base_a: Phases; granted_a: Phases; slack_a: Phases; meter: string | null;
  safe: boolean; safe_current_a: number; phases?: number[];
}
interface Meter {
  id: string; name: string; role: string; address: string; status: string; age_s: number | null;
  power_w: number | null; currents_estimated: boolean; fault: Fault | null;
  current_a: Phases | null; voltage_v: PartialPhases; energy_import_kwh: number | null; energy_export_kwh: number | null;
  meter_time: string | null; health?: LineHealth | null;
}
interface Fault { kind: string; what: string }
interface LineHealth { telegrams: number; repaired: number; bad: number; noise_bytes: number; reconnects: number }
interface Reason extends Texts { code: string; params: Record<string, string | number> }
type PlanMode = "off" | "sun" | "smart" | "fast";
interface Wish { mode: PlanMode; limit_a: number | null }
interface ChargePoint extends Wish {
  id: string; name: string; circuit: string; phases: number[]; status: string; age_s: number | null;
  state: string | null; measured_a: PartialPhases | null; allowed_a: number; applied_a: number | null;
  confirmed: boolean; plugged?: boolean; power_w: number | null; session_kwh: number | null; session_start: string | null;
  min_a: number; max_a: number; fallback_a: number; valid_for_s: number | null; reason: Reason; reason_since: string | null;
}
interface Battery {
  id: string; name: string; circuit: string; status: string; age_s: number | null; state: string | null; power_w: number | null;
  soc_pct: number | null; stored_kwh: number | null; setpoint_w: number; reserved_w: number; capacity_kwh: number; charge_w: number;
  discharge_w: number; min_soc_pct: number; reserve_soc_pct: number; max_soc_pct: number; reason: Reason; reason_since: string | null;
}
interface Quarter {
  start: string; end: string; elapsed_s: number; energy_kwh: number | null; demand_w: number | null;
  projected_w: number | null; month_peak_w: number | null; month_peak_at: string | null;
  source: "meter" | "registers";
}
interface Message extends Texts { at: string; level: "info" | "warning" | "error"; device_id: string }
type Mend = { [key in `mend_${Language}`]?: string | null };
interface DemoFault extends Texts, Mend { id: string; active: boolean }
interface Recording { ok: boolean; problem: string | null; queued: number; why?: Texts | null }
type Stories = { [key in `story_${Language}`]?: string | null };
interface Demo extends Stories { speed: number; faults: DemoFault[]; story: string }
interface FireInput {
  id: string; name: string; kind: "fire" | "emergency"; state: string; level: string | null; stopped: boolean;
  charge_points: number; returned: number; testing: boolean;
}
interface Alarm { id: string; level: "warning" | "error"; acknowledged_at: string | null }
interface State {
  site: SiteInfo; at: string; at_s: number; clock_speed: number; flow: Flow; circuits: Circuit[];
  meters: Meter[]; charge_points: ChargePoint[]; quarter: Quarter | null; messages: Message[];
  recording: Recording;
  batteries?: Battery[];
  inputs?: FireInput[];
  alarms?: Alarm[];
  plan?: PlanSummary | null;
  demo: Demo | null;
}
interface SessionInfo { may_write: boolean; logged_in: boolean; has_password: boolean; open_demo: boolean }
interface Decision { at: string; allowed_a: number; reason: Reason }
interface Series { name: string; step_s: number; at_s: number[]; values: (number | null)[] }
interface Boot { state: State; words: Record<string, string>; language: Language; languages: Language[]; session: SessionInfo }
type Values = (number | null)[];
interface PlannedDevice {
  id: string; name: string; kind: "car" | "battery" | "load"; measured_w: Values; planned_w: Values;
  capacity_kwh: number | null; level_pct: Values;
}
interface Band { low: Values; mid: Values; high: Values }
interface PlanAxis {
  start_s: number; step_s: number; now_s: number; measured: Record<string, Values>; planned: Record<string, Values>;
  house_band: Band; sun_band: Band; import_price: Values; export_price: Values; price_known: boolean[]; marginal: Values;
  import_limit_w: Values; peak_w: number | null; devices: PlannedDevice[];
}
interface Block {
  id: string; device_id: string; name: string; kind: string; does: string; start: string; end: string; start_s: number;
  end_s: number; power_w: number; energy_kwh: number; price_eur_per_kwh: number | null; cost_eur: number | null;
  reason: Reason | null; movable: boolean; override_id: string | null;
}
interface GoalShown {
  charge_point_id: string; set: boolean; plugged: boolean; target: number | null; unit: string | null; due: string | null;
}
interface PlanAnswer {
  status: string; version: string | null; axis: PlanAxis | null; blocks: Block[]; goals: GoalShown[];
}
interface PlanPreview {
  finish: string | null; planned_kwh: number; missing_kwh: number; cost_eur: number | null; at_once_eur: number | null;
  blocks: Block[]; warnings: ({ code: string } & Texts)[];
}
interface GoalSummary {
  mode: PlanMode; target: number | null; unit: string | null; due: string | null; finish: string | null; missing_kwh: number | null;
}
interface PlanSummary { status: string; version: string | null; goals: Record<string, GoalSummary> }
